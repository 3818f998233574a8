package io.steward.e2e.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/// A token endpoint at `/token`, whose refresh tokens are good for one use, and an MCP server at
/// `/mcp` that takes the newest of its access tokens.
public final class OauthServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final String canary;
  private int grants;

  private OauthServer(HttpServer server, String canary) {
    this.server = server;
    this.canary = canary;
    server.createContext("/token", exchange -> answer(exchange, this::token));
    server.createContext("/mcp", exchange -> answer(exchange, this::mcp));
    server.start();
  }

  /// @param canary what all tokens begin with
  public static OauthServer start(String canary) throws IOException {
    return new OauthServer(HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0), canary);
  }

  public String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  public String accessToken(int number) {
    return canary + "-access-" + number;
  }

  public String refreshToken(int number) {
    return canary + "-refresh-" + number;
  }

  public String clientSecret() {
    return canary + "-secret";
  }

  public synchronized int grants() {
    return grants;
  }

  private record Reply(int status, String json) {}

  private interface Handler {
    Reply reply(HttpExchange exchange, String body) throws IOException;
  }

  private static void answer(HttpExchange exchange, Handler handler) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Reply reply = handler.reply(exchange, body);
      byte[] bytes = reply.json().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private synchronized Reply token(HttpExchange exchange, String body) {
    Map<String, String> form = new HashMap<>();
    for (String pair : body.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      form.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    String basic =
        Base64.getEncoder()
            .encodeToString(("client:" + clientSecret()).getBytes(StandardCharsets.UTF_8));
    if (!("Basic " + basic).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return new Reply(401, "{\"error\":\"invalid_client\"}");
    }
    if (!refreshToken(grants).equals(form.get("refresh_token"))) {
      return new Reply(
          400, "{\"error\":\"invalid_grant\",\"sent\":\"" + form.get("refresh_token") + "\"}");
    }
    grants++;
    return new Reply(
        200,
        "{\"token_type\":\"Bearer\",\"expires_in\":3600,\"access_token\":\""
            + accessToken(grants)
            + "\",\"refresh_token\":\""
            + refreshToken(grants)
            + "\"}");
  }

  private synchronized Reply mcp(HttpExchange exchange, String body) throws IOException {
    String sent = exchange.getRequestHeaders().getFirst("Authorization");
    if (grants == 0 || !("Bearer " + accessToken(grants)).equals(sent)) {
      return new Reply(401, "{\"error\":\"invalid_token\",\"sent\":\"" + sent + "\"}");
    }
    JsonNode message = JSON.readTree(body);
    if (!message.has("id")) {
      return new Reply(202, "");
    }
    return new Reply(
        200,
        "{\"jsonrpc\":\"2.0\",\"id\":"
            + message.path("id")
            + ",\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
            + "\"serverInfo\":{\"name\":\"s\",\"version\":\"1\"},\"tools\":[]}}");
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
