package io.steward.vaultproxy.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509TrustManager;

/// A client that sends exactly the bytes it is told to. A `|` stands for the end of a line.
final class Wire implements AutoCloseable {
  private static final int SILENCE_MILLIS_MAX = 30_000;

  private final Socket socket;

  /// An answer, with its body unframed.
  record Reply(int status, String head, String body) {
    /// The value of a header; empty when there is none.
    String header(String name) {
      for (String line : head.split("\r\n", -1)) {
        if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
          return line.substring(name.length() + 1).strip();
        }
      }
      return "";
    }
  }

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(SILENCE_MILLIS_MAX);
  }

  static Wire to(InetSocketAddress address) throws IOException {
    return new Wire(new Socket(address.getAddress(), address.getPort()));
  }

  /// The same connection with TLS on it.
  ///
  /// @param name as TLS names the host, whose certificate is checked for it
  Wire secure(String name, X509TrustManager trust) throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new X509TrustManager[] {trust}, null);
    SSLSocket secure =
        (SSLSocket) context.getSocketFactory().createSocket(socket, name, socket.getPort(), true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setServerNames(List.of(new SNIHostName(name)));
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return new Wire(secure);
  }

  Socket socket() {
    return socket;
  }

  Wire send(String text) throws IOException {
    return send(text.replace("|", "\r\n").getBytes(ISO_8859_1));
  }

  Wire send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /// Whether the other side closes without another byte.
  boolean ends() throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketException e) {
      return true; // Closed with bytes of ours unread.
    }
  }

  Reply reply() throws IOException {
    return reply(true);
  }

  /// @param withBody false after HEAD and CONNECT
  Reply reply(boolean withBody) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      head.append(line).append("\r\n");
    }
    int status = Integer.parseInt(head.substring(9, 12));
    Reply reply = new Reply(status, head.toString(), "");
    boolean body = withBody && status >= 200 && status != 204 && status != 304;
    return body ? new Reply(status, head.toString(), body(in, reply)) : reply;
  }

  private static String body(InputStream in, Reply reply) throws IOException {
    if (!reply.header("Content-Length").isEmpty()) {
      return new String(
          in.readNBytes(Integer.parseInt(reply.header("Content-Length"))), ISO_8859_1);
    }
    if (!reply.header("Transfer-Encoding").equals("chunked")) {
      return new String(in.readAllBytes(), ISO_8859_1);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int size = size(in); size > 0; size = size(in)) {
      all.writeBytes(in.readNBytes(size));
      line(in);
    }
    line(in);
    return all.toString(ISO_8859_1);
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in), 16);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("ended after: " + line);
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
