package io.steward.sandbox.driver.remote;

import io.steward.sandbox.shim.CallInputs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Input of calls over the stream of orders, see the script `attach`.
final class StreamInputs implements CallInputs {
  /// What is sent as text, which the other side takes without starting a process, in bytes.
  private static final int TEXT_BYTES_MAX = 1024;

  /// Largest input of one call, in bytes.
  static final int BYTES_MAX = 32 * 1024 * 1024;

  /// Stands for the control directory itself.
  private static final String CONTROL = "-";

  private final OutputStream orders;

  StreamInputs(OutputStream orders) {
    this.orders = orders;
  }

  @Override
  public void put(String call, Map<String, byte[]> files) throws IOException {
    long bytes = files.values().stream().mapToLong(content -> content.length).sum();
    if (bytes > BYTES_MAX) {
      throw new IOException("the input of a call has " + bytes + " bytes, more than " + BYTES_MAX);
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      put(call, file.getKey(), file.getValue());
    }
  }

  /// Shows a file of the control directory.
  void putControl(String name, byte[] content) throws IOException {
    put(CONTROL, name, content);
  }

  private void put(String call, String name, byte[] content) throws IOException {
    boolean text = content.length <= TEXT_BYTES_MAX;
    String head =
        text
            ? "text %s %s %s\n".formatted(call, name, escaped(content))
            : "put %s %s %d\n".formatted(call, name, content.length);
    synchronized (orders) {
      orders.write(head.getBytes(StandardCharsets.US_ASCII));
      if (!text) {
        orders.write(content);
      }
      orders.flush();
    }
  }

  /// As `printf %b` of bash reads it.
  private static String escaped(byte[] content) {
    StringBuilder text = new StringBuilder();
    for (byte b : content) {
      boolean plain = b > ' ' && b < 0x7f && b != '\\';
      text.append(plain ? Character.toString(b) : "\\0%03o".formatted(b & 0xff));
    }
    return text.toString();
  }

  @Override
  public void remove(String call) {
    try {
      synchronized (orders) {
        orders.write(("drop " + call + "\n").getBytes(StandardCharsets.US_ASCII));
        orders.flush();
      }
    } catch (IOException e) {
      // The sandbox is over, and with it the input.
    }
  }
}
