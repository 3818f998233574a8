package io.steward.helm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/// A model that runs one command and then says what came of it. Speaks the Messages API on all
/// addresses of this machine, so that pods reach it.
final class BashModel implements AutoCloseable {
  private final HttpServer server;
  private final String command;

  private BashModel(HttpServer server, String command) {
    this.server = server;
    this.command = command;
  }

  /// @param command without quotes and backslashes
  static BashModel start(String command) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(0), 64);
    BashModel model = new BashModel(server, command);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/messages", model::answer);
    server.start();
    return model;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    String block =
        request.contains("\"tool_result\"")
            ? block("{'type':'text','text':''}", "{'type':'text_delta','text':'Done.'}")
            : block(
                "{'type':'tool_use','id':'toolu_01','name':'bash','input':{}}",
                "{'type':'input_json_delta','partial_json':'{\\'command\\':\\'%s\\'}'}"
                    .formatted(command)
                    .replace("\\'", "\\\""));
    String reason = request.contains("\"tool_result\"") ? "end_turn" : "tool_use";
    String reply =
        event(
                "message_start",
                "'message':{'id':'msg_01','type':'message','role':'assistant','model':'m','content':[],"
                    + "'stop_reason':null,'stop_sequence':null,"
                    + "'usage':{'input_tokens':1,'output_tokens':1}}")
            + block
            + event(
                "message_delta",
                "'delta':{'stop_reason':'%s','stop_sequence':null},'usage':{'output_tokens':2}"
                    .formatted(reason))
            + event("message_stop", "");
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    byte[] bytes = reply.getBytes(UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static String block(String start, String delta) {
    return event("content_block_start", "'index':0,'content_block':" + start)
        + event("content_block_delta", "'index':0,'delta':" + delta)
        + event("content_block_stop", "'index':0");
  }

  /// Members are written with single quotes, for who reads this.
  private static String event(String type, String members) {
    String data = "{'type':'" + type + "'" + (members.isEmpty() ? "" : "," + members) + "}";
    return "event: " + type + "\ndata: " + data.replace('\'', '"') + "\n\n";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
