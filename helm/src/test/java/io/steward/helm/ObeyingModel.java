package io.steward.helm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Executors;

/// A model that runs in bash what the user says, and then says that it is done. Speaks the Messages
/// API on all addresses of this machine, so that pods reach it.
final class ObeyingModel implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;

  private ObeyingModel(HttpServer server) {
    this.server = server;
  }

  static ObeyingModel start() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(0), 64);
    ObeyingModel model = new ObeyingModel(server);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/messages", model::answer);
    server.start();
    return model;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode messages = JSON.readTree(exchange.getRequestBody()).path("messages");
    JsonNode content = messages.path(messages.size() - 1).path("content");
    JsonNode last = content.path(content.size() - 1);
    boolean done = last.path("type").asText().equals("tool_result");
    byte[] bytes =
        (done
                ? reply("end_turn", text())
                : reply("tool_use", call(messages.size(), last.path("text").asText())))
            .getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static String reply(String stopReason, String block) throws IOException {
    return event(
            "message_start",
            """
            "message":{"id":"msg_01","type":"message","role":"assistant","model":"m","content":[],
            "stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}\
            """)
        + block
        + event(
            "message_delta",
            """
            "delta":{"stop_reason":"%s","stop_sequence":null},"usage":{"output_tokens":2}\
            """
                .formatted(stopReason))
        + event("message_stop", "\"index\":0");
  }

  private static String text() {
    return block(
        """
        {"type":"text","text":""}\
        """,
        """
        {"type":"text_delta","text":"Done."}\
        """);
  }

  private static String call(int number, String command) throws IOException {
    String input = JSON.writeValueAsString(Map.of("command", command));
    return block(
        """
        {"type":"tool_use","id":"toolu_%02d","name":"bash","input":{}}\
        """
            .formatted(number),
        """
        {"type":"input_json_delta","partial_json":%s}\
        """
            .formatted(JSON.writeValueAsString(input)));
  }

  private static String block(String start, String delta) {
    return event("content_block_start", "\"index\":0,\"content_block\":" + start)
        + event("content_block_delta", "\"index\":0,\"delta\":" + delta)
        + event("content_block_stop", "\"index\":0");
  }

  private static String event(String type, String members) {
    return "event: %s\ndata: {\"type\":\"%s\",%s}\n\n"
        .formatted(type, type, members.replace("\n", ""));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
