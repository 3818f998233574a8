package io.steward.e2e.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The server of the scripted model: `POST /v1/messages` and `POST /v1/chat/completions` by
/// scripts, `GET /v1/models`.
///
/// Every request is held against the rules of its protocol first. Many sessions can share one
/// server, because each script is found by its marker.
public final class ScriptedModel implements AutoCloseable {
  /// The models that `GET /v1/models` lists.
  public static final List<String> MODELS = List.of("claude-opus-5-5", "claude-haiku-5-5");

  /// A model that can read only [#SMALL_WINDOW] tokens. It counts the tokens of its requests; all
  /// other models report what their script says.
  public static final String SMALL_MODEL = "small-context";

  public static final int SMALL_WINDOW = 32_000;

  private static final Pattern MARKER = Pattern.compile("\\[script-[0-9a-f-]{36}]");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final RequestRules rules;
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  private final Map<String, Script> scriptsByModel = new ConcurrentHashMap<>();
  private final List<String> strays = new CopyOnWriteArrayList<>();
  private volatile boolean away;

  private ScriptedModel(HttpServer server, String apiKey) {
    this.server = server;
    this.rules = new RequestRules(apiKey);
  }

  /// Starts the model on a free port of the loopback address. Messages are accepted only with this
  /// key, chat completions only with [#chatKey(String)].
  public static ScriptedModel start(String apiKey) throws IOException {
    return start(apiKey, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /// Starts it on a free port of every address of this machine, for clients in containers.
  public static ScriptedModel startEverywhere(String apiKey) throws IOException {
    return start(apiKey, new InetSocketAddress(0));
  }

  private static ScriptedModel start(String apiKey, InetSocketAddress address) throws IOException {
    HttpServer server = HttpServer.create(address, 1024);
    ScriptedModel model = new ScriptedModel(server, apiKey);
    Dialect messages = new MessagesDialect(model.rules);
    Dialect chat = new ChatDialect(chatKey(apiKey));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/messages", exchange -> model.reply(exchange, messages));
    server.createContext("/v1/chat/completions", exchange -> model.reply(exchange, chat));
    server.createContext("/v1/models", model::models);
    server.start();
    return model;
  }

  /// The key of the chat completions beside this key of the messages.
  public static String chatKey(String apiKey) {
    return apiKey + "-chat";
  }

  /// Without `/v1`.
  public String baseUrl() {
    return baseUrl("127.0.0.1");
  }

  /// Its address for those who call this machine `host`.
  public String baseUrl(String host) {
    return "http://" + host + ":" + server.getAddress().getPort();
  }

  /// From now on this script answers the requests that carry its marker.
  public Script play(Script script) {
    scripts.put(script.marker(), script);
    return script;
  }

  /// Forgets a script: its session is over.
  public void retire(Script script) {
    scripts.remove(script.marker());
  }

  /// From now on this script answers all requests to this model, whatever marker they carry.
  public Script playAll(String modelId, Script script) {
    scriptsByModel.put(modelId, script);
    return script;
  }

  /// While it is away it breaks every connection without an answer.
  public void away(boolean now) {
    away = now;
  }

  /// Requests that belong to no script, in words.
  public List<String> strays() {
    return List.copyOf(strays);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void reply(HttpExchange exchange, Dialect dialect) throws IOException {
    try (exchange) {
      if (away) {
        return;
      }
      byte[] raw = exchange.getRequestBody().readAllBytes();
      long arrivedNanos = System.nanoTime();
      Map<String, String> headers = headersOf(exchange);
      JsonNode body = parse(raw);
      Script script = scriptOf(body.path("model").asText(), new String(raw, UTF_8));
      if (script == null) {
        strays.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        sendError(exchange, dialect, Reply.invalidRequest("no script for this request"));
        return;
      }
      JsonNode asMessages = dialect.asMessages(body);
      ModelRequest request =
          script.record(number ->
              new ModelRequest(
                  number, arrivedNanos, headers, asMessages, new CompletableFuture<>()));
      Reply reply = replyTo(exchange, dialect, script, request, body);
      perform(exchange, dialect, script, request, body, reply);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Reply replyTo(
      HttpExchange exchange, Dialect dialect, Script script, ModelRequest request, JsonNode body) {
    try {
      RefusedRequestException.unless(
          exchange.getRequestMethod().equals("POST"), "Method Not Allowed");
      dialect.checkHeaders(request.headers());
      dialect.check(body, script);
      boolean small = body.path("model").asText().equals(SMALL_MODEL);
      int tokens = ModelRequest.tokens(request.body());
      if (small && tokens > SMALL_WINDOW) {
        return Reply.invalidRequest(
            "prompt is too long: %d tokens > %d maximum".formatted(tokens, SMALL_WINDOW));
      }
      Reply reply = script.answer(request);
      RefusedRequestException.unless(
          reply != null, "the script has no reply for request " + request.number());
      return small ? counted(Objects.requireNonNull(reply), tokens) : Objects.requireNonNull(reply);
    } catch (RefusedRequestException e) {
      script.recordFault("request " + request.number() + ": " + e.getMessage());
      return e.reply();
    }
  }

  private static Reply counted(Reply reply, int tokens) {
    if (!(reply instanceof Reply.Message message)) {
      return reply;
    }
    int output = 1 + message.blocks().toString().length() / ModelRequest.CHARACTERS_PER_TOKEN;
    return message.counting(new Reply.Tokens(tokens, output, 0, 0));
  }

  private static void perform(
      HttpExchange exchange,
      Dialect dialect,
      Script script,
      ModelRequest request,
      JsonNode body,
      Reply reply)
      throws IOException, InterruptedException {
    ModelRequest.Ending ending = ModelRequest.Ending.HUNG_UP;
    try {
      if (reply instanceof Reply.HttpError error) {
        sendError(exchange, dialect, error);
      } else {
        stream(exchange, out -> dialect.stream(out, script, request, body), reply);
      }
      ending = ModelRequest.Ending.ANSWERED;
    } finally {
      request.ended().complete(ending);
    }
  }

  private static void stream(
      HttpExchange exchange, Function<OutputStream, ReplyStream> streams, Reply reply)
      throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("content-type", "text/event-stream; charset=utf-8");
    exchange.getResponseHeaders().set("request-id", "req_" + UUID.randomUUID());
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    ReplyStream stream = streams.apply(out);
    switch (reply) {
      case Reply.Message message -> stream.send(message);
      case Reply.StreamError error -> stream.send(error);
      case Reply.Cut cut -> {
        stream.send(cut);
        // Closing the exchange before its body is a cut connection: no last chunk is sent.
        exchange.close();
        return;
      }
      case Reply.HttpError error -> throw new IllegalStateException("not a stream: " + error);
    }
    out.close();
  }

  private void models(HttpExchange exchange) throws IOException {
    try (exchange) {
      rules.checkHeaders(headersOf(exchange));
      ObjectNode page = JSON.createObjectNode();
      for (String id : MODELS) {
        page.withArray("data")
            .addObject()
            .put("type", "model")
            .put("id", id)
            .put("display_name", id)
            .put("created_at", "2026-01-01T00:00:00Z");
      }
      page.put("has_more", false);
      page.put("first_id", MODELS.getFirst()).put("last_id", MODELS.getLast());
      send(exchange, 200, page);
    } catch (RefusedRequestException e) {
      strays.add("GET /v1/models: " + e.getMessage());
      sendError(exchange, new MessagesDialect(rules), e.reply());
    }
  }

  private @Nullable Script scriptOf(String modelId, String body) {
    Script ofModel = scriptsByModel.get(modelId);
    if (ofModel != null) {
      return ofModel;
    }
    Matcher matcher = MARKER.matcher(body);
    while (matcher.find()) {
      Script script = scripts.get(matcher.group());
      if (script != null) {
        return script;
      }
    }
    return null;
  }

  private static JsonNode parse(byte[] raw) throws IOException {
    try {
      return JSON.readTree(raw);
    } catch (JsonProcessingException e) {
      return JSON.createArrayNode();
    }
  }

  private static Map<String, String> headersOf(HttpExchange exchange) {
    Map<String, String> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    return headers;
  }

  private static void sendError(HttpExchange exchange, Dialect dialect, Reply.HttpError error)
      throws IOException {
    error.headers().forEach(exchange.getResponseHeaders()::set);
    send(exchange, error.status(), dialect.errorBody(error.type(), error.message()));
  }

  private static void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.getResponseHeaders().set("request-id", body.path("request_id").asText("req_none"));
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
