package io.steward.harness.model.openai;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.steward.harness.model.Ask;
import io.steward.schemas.id.Ids;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class OpenAiInterruptTest {
  private static final byte[] CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
          .getBytes(StandardCharsets.UTF_8);

  private final CountDownLatch gone = new CountDownLatch(1);

  /// Speaks until nobody listens.
  private void speak(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("content-type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try {
      while (true) {
        exchange.getResponseBody().write(CHUNK);
        exchange.getResponseBody().flush();
        Thread.sleep(Duration.ofMillis(20));
      }
    } catch (IOException | InterruptedException _) {
      gone.countDown();
    }
  }

  @Test
  void an_interrupt_ends_the_call_and_closes_the_connection() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::speak);
    server.start();
    CountDownLatch spoken = new CountDownLatch(3);
    try (OpenAiModelClient client =
        OpenAiModelClient.of(
            Ask.endpoint("http://127.0.0.1:" + server.getAddress().getPort()), Ids::random)) {
      Thread call =
          Thread.ofVirtual().start(() -> client.ask(Ask.hello("m"), _ -> spoken.countDown()));
      spoken.await();

      call.interrupt();

      Assertions.assertTrue(call.join(Duration.ofSeconds(10)));
      gone.await();
    } finally {
      server.stop(0);
    }
  }
}
