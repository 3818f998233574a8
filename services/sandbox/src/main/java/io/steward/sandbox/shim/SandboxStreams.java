package io.steward.sandbox.shim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Reads what a sandbox writes, on platform threads: a read from a pipe would pin the carrier of a
/// virtual one. Memory per stream is one buffer, whatever the inside sends.
final class SandboxStreams {
  private static final int OUTPUT_BUFFER_BYTES = 64 * 1024;

  /// Longest frame, in bytes; the shim keeps below PIPE_BUF.
  private static final int FRAME_BYTES_MAX = 4096;

  private static final int STACK_BYTES = 256 * 1024;

  private SandboxStreams() {}

  /// Takes bytes of a buffer that is reused.
  @FunctionalInterface
  interface Bytes {
    void accept(byte[] bytes, int length);
  }

  static void readOutput(String sandbox, InputStream in, Bytes bytes, Runnable onEnd) {
    start(
        sandbox + "-output",
        () -> {
          byte[] buffer = new byte[OUTPUT_BUFFER_BYTES];
          int length = in.read(buffer);
          while (length >= 0) {
            bytes.accept(buffer, length);
            length = in.read(buffer);
          }
        },
        onEnd);
  }

  static void readFrames(String sandbox, InputStream in, Consumer<String> frames, Runnable onEnd) {
    start(
        sandbox + "-frames",
        () -> {
          byte[] line = new byte[FRAME_BYTES_MAX];
          int length = 0;
          for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
              frames.accept(new String(line, 0, length, StandardCharsets.US_ASCII));
              length = 0;
            } else if (length == line.length) {
              throw new IOException("a frame is longer than " + FRAME_BYTES_MAX + " bytes");
            } else {
              line[length++] = (byte) next;
            }
          }
        },
        onEnd);
  }

  private interface Reading {
    void run() throws IOException;
  }

  private static void start(String name, Reading reading, Runnable onEnd) {
    Thread.ofPlatform()
        .name(name)
        .daemon()
        .stackSize(STACK_BYTES)
        .start(() -> {
          try {
            reading.run();
          } catch (IOException e) {
            // The pipe broke or its content is out of bounds: either way the sandbox is over.
          } finally {
            onEnd.run();
          }
        });
  }
}
