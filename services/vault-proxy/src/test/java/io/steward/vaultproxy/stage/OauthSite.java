package io.steward.vaultproxy.stage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// An OAuth token endpoint at `/token` and an MCP server at `/mcp` that takes its tokens. Strict:
/// what a careful server rejects, they reject. Each refresh token is good for one use.
public final class OauthSite implements AutoCloseable {
  public static final String CLIENT_ID = "client id: é";
  public static final String CLIENT_SECRET = "canary-s3cret +/%&=:é";
  public static final String FIRST_ACCESS = "canary-access-0";
  public static final String FIRST_REFRESH = "canary-refresh-0 +&";

  private final WebSite site;
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final List<Map<String, String>> granted = new CopyOnWriteArrayList<>();
  private String refreshToken = FIRST_REFRESH;
  private int grants;
  private volatile String auth = "client_secret_basic";
  private volatile boolean rotates = true;
  private volatile @Nullable Object expiresIn = 3600;
  private volatile boolean streams;

  private OauthSite(WebSite site) {
    this.site = site;
    site.page("/token", this::token);
    site.page("/mcp", this::mcp);
  }

  public static OauthSite start() throws IOException {
    return new OauthSite(WebSite.start());
  }

  public WebSite site() {
    return site;
  }

  public String url(String path) {
    return "http://127.0.0.1:" + site.port() + path;
  }

  /// The parameters of each grant, in order.
  public List<Map<String, String>> granted() {
    return granted;
  }

  /// The requests to a path.
  public long visits(String path) {
    return site.visits().stream().filter(visit -> visit.path().equals(path)).count();
  }

  /// How the client has to prove itself, as in `token_endpoint_auth`.
  public void require(String type) {
    auth = type;
  }

  public void keepRefreshToken() {
    rotates = false;
  }

  /// What answers say of the life of a token; null for nothing.
  public void expiresIn(@Nullable Object seconds) {
    expiresIn = seconds;
  }

  /// The MCP server takes this token from now on.
  public void accept(String accessToken) {
    accepted.add(accessToken);
  }

  /// The MCP server answers with event streams, which it leaves open.
  public void stream() {
    streams = true;
  }

  private void token(HttpExchange exchange) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (!exchange.getRequestMethod().equals("POST")) {
      send(exchange, 405, Map.of("error", "invalid_request"));
      return;
    }
    Map<String, String> form = new TreeMap<>();
    boolean twice = false;
    for (String pair : body.split("&", -1)) {
      int equals = pair.indexOf('=');
      twice |=
          form.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1))) != null;
    }
    String error = null;
    if (!"application/x-www-form-urlencoded".equals(type) || twice) {
      error = "invalid_request";
    } else if (!authenticated(exchange, form)) {
      error = "invalid_client";
    } else if (!"refresh_token".equals(form.get("grant_type"))) {
      error = "unsupported_grant_type";
    }
    if (error != null) {
      send(exchange, error.equals("invalid_client") ? 401 : 400, Map.of("error", error));
      return;
    }
    ObjectNode answer = grant(form);
    send(exchange, answer.has("error") ? 400 : 200, answer);
  }

  private synchronized ObjectNode grant(Map<String, String> form) {
    ObjectNode answer = Json.mapper().createObjectNode();
    if (!refreshToken.equals(form.get("refresh_token"))) {
      return answer.put("error", "invalid_grant");
    }
    granted.add(form);
    grants++;
    String access = "canary-access-" + grants;
    accepted.add(access);
    answer.put("access_token", access).put("token_type", "bearer");
    Object life = expiresIn;
    if (life != null) {
      answer.set("expires_in", Json.tree(life));
    }
    if (rotates) {
      refreshToken = "canary-refresh-" + grants;
      answer.put("refresh_token", refreshToken);
    }
    return answer;
  }

  private boolean authenticated(HttpExchange exchange, Map<String, String> form) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    String secret = form.get("client_secret");
    boolean named = CLIENT_ID.equals(form.get("client_id"));
    return switch (auth) {
      case "none" -> named && header == null && secret == null;
      case "client_secret_post" -> named && header == null && CLIENT_SECRET.equals(secret);
      default -> named && secret == null && header != null && isBasic(header);
    };
  }

  private static boolean isBasic(String header) {
    if (!header.startsWith("Basic ")) {
      return false;
    }
    String pair =
        new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.US_ASCII);
    int colon = pair.indexOf(':');
    return colon > 0
        && decoded(pair.substring(0, colon)).equals(CLIENT_ID)
        && decoded(pair.substring(colon + 1)).equals(CLIENT_SECRET);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private void mcp(HttpExchange exchange) throws IOException {
    String authorization = String.valueOf(header(exchange, "Authorization"));
    if (!authorization.startsWith("Bearer ") || !accepted.contains(authorization.substring(7))) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
      send(exchange, 401, Map.of("error", "invalid_token", "sent", authorization));
      return;
    }
    switch (exchange.getRequestMethod()) {
      case "DELETE" -> exchange.sendResponseHeaders(inSession(exchange) ? 200 : 404, -1);
      case "POST" -> posted(exchange);
      default -> exchange.sendResponseHeaders(405, -1);
    }
  }

  private void posted(HttpExchange exchange) throws IOException {
    boolean accepts =
        "application/json, text/event-stream".equals(header(exchange, "Accept"))
            && "application/json".equals(header(exchange, "Content-Type"));
    ObjectNode message = (ObjectNode) Json.tree(exchange.getRequestBody().readAllBytes());
    String method = message.path("method").asText();
    if (!accepts || !message.path("jsonrpc").asText().equals("2.0")) {
      send(exchange, 406, Map.of("error", "not acceptable"));
    } else if (method.equals("initialize")) {
      exchange.getResponseHeaders().set("Mcp-Session-Id", "session-1");
      reply(
          exchange,
          message,
          "{\"protocolVersion\":\"2025-03-26\",\"capabilities\":{\"tools\":{}},"
              + "\"serverInfo\":{\"name\":\"s\",\"version\":\"1\"}}");
    } else if (!inSession(exchange)) {
      send(exchange, 400, Map.of("error", "no session"));
    } else if (!message.has("id")) {
      exchange.sendResponseHeaders(202, -1);
    } else {
      reply(exchange, message, "{\"tools\":[]}");
    }
  }

  private static boolean inSession(HttpExchange exchange) {
    return "session-1".equals(header(exchange, "Mcp-Session-Id"))
        && "2025-03-26".equals(header(exchange, "MCP-Protocol-Version"));
  }

  private void reply(HttpExchange exchange, ObjectNode message, String result) throws IOException {
    ObjectNode reply = Json.mapper().createObjectNode().put("jsonrpc", "2.0");
    reply.set("id", message.path("id"));
    reply.set("result", Json.tree(result.getBytes(StandardCharsets.UTF_8)));
    if (!streams) {
      send(exchange, 200, reply);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    out.write(
        (": hello\r\n\r\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\":1}\n\n"
                + "data: "
                + reply
                + "\n\n")
            .getBytes(StandardCharsets.UTF_8));
    out.flush();
    try {
      while (true) {
        out.write(": still here\n\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static @Nullable String header(HttpExchange exchange, String name) {
    return exchange.getRequestHeaders().getFirst(name);
  }

  /// Answers with JSON.
  public static void send(HttpExchange exchange, int status, Object json) throws IOException {
    byte[] body = Json.bytes(json);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    site.close();
  }
}
