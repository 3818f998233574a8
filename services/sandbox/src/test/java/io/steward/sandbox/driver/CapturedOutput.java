package io.steward.sandbox.driver;

import io.steward.sandbox.shim.OutputSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Keeps all output of a command.
final class CapturedOutput implements OutputSink {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Override
  public synchronized void write(byte[] chunk, int offset, int length) {
    bytes.write(chunk, offset, length);
  }

  synchronized String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
