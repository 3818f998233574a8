package io.steward.vaultproxy.stage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/// Speaks to the egress proxy as the relay of a sandbox does.
public final class SandboxRelay {
  private SandboxRelay() {}

  /// The whole answer to one request on a connection of its own.
  ///
  /// @param url with `http`
  /// @param key for the header `X-Key`
  public static String ask(InetSocketAddress proxy, String token, String url, String key)
      throws IOException {
    byte[] text = token.getBytes(US_ASCII);
    ByteBuffer header = ByteBuffer.allocate(19 + text.length);
    header.put("\r\n\r\n\0\r\nQUIT\n".getBytes(US_ASCII)).put((byte) 0x20).put((byte) 0);
    header.putShort((short) (3 + text.length));
    header.put((byte) 0xE0).putShort((short) text.length).put(text);
    String request =
        "GET %s HTTP/1.1\r\nHost: a\r\nX-Key: %s\r\nConnection: close\r\n\r\n".formatted(url, key);
    try (Socket socket = new Socket(proxy.getAddress(), proxy.getPort())) {
      socket.getOutputStream().write(header.array());
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
