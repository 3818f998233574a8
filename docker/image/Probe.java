import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Whether the service in this container is ready: the exit code is 0 or 1. For health checks where
/// the image has no shell and no curl; Kubernetes asks the service itself.
public final class Probe {
  private static final int PATIENCE_MILLIS = 3_000;

  private Probe() {}

  public static void main(String[] arguments) {
    int port = Integer.parseInt(System.getenv().getOrDefault("QUARKUS_HTTP_PORT", "8080"));
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET /q/health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String status = in.readLine();
      System.exit(status != null && status.startsWith("HTTP/1.1 200") ? 0 : 1);
    } catch (IOException e) {
      System.exit(1);
    }
  }
}
