package io.steward.harness.model.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PromptSocketsTest {
  /// Keeps the socket of a call.
  private static final class Sockets extends EventListener {
    private @Nullable Socket last;

    @Override
    public void connectionAcquired(Call call, Connection connection) {
      last = connection.socket();
    }
  }

  @Test
  void what_is_sent_to_a_provider_does_not_wait() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    Sockets sockets = new Sockets();
    PromptSockets.use();
    OkHttpClient client = new OkHttpClient.Builder().eventListener(sockets).build();
    Request request =
        new Request.Builder().url("http://127.0.0.1:" + server.getAddress().getPort()).build();

    try (Response response = client.newCall(request).execute()) {
      assertEquals(204, response.code());
      Socket socket = sockets.last;
      assertTrue(socket != null && socket.getTcpNoDelay());
    } finally {
      client.connectionPool().evictAll();
      server.stop(0);
    }
  }
}
