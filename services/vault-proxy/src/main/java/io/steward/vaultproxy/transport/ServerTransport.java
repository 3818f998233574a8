package io.steward.vaultproxy.transport;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.ProtocolVersions;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.transport.ServerFailure.Reason;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/// The transport of the MCP SDK to one server. A message is sent by a virtual thread of its own,
/// which waits for the answer.
///
/// What the server says of its own is kept small: of its notifications only the change of its tools
/// goes on, and of its requests only so many.
public final class ServerTransport implements McpClientTransport {
  /// Under this key of Reactor's context, a message may have its [Exchange].
  public static final Object EXCHANGE = Exchange.class;

  /// What this client can speak, oldest first.
  public static final List<String> VERSIONS =
      List.of(
          ProtocolVersions.MCP_2024_11_05,
          ProtocolVersions.MCP_2025_03_26,
          ProtocolVersions.MCP_2025_06_18,
          ProtocolVersions.MCP_2025_11_25);

  private static final Logger LOG = Logger.getLogger(ServerTransport.class);
  private static final Set<Integer> NOT_STREAMABLE = Set.of(400, 404, 405);

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(TransportLimits.STRING_CHARS_MAX)
                          .maxTokenCount(TransportLimits.JSON_TOKENS_MAX)
                          .build())
                  .build())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private final Endpoint endpoint;
  private final Hidden hidden = new Hidden();
  private final TransportLimits limits;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Wire wire;
  private volatile Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> inbound =
      message -> message;

  /// @throws ServerFailure when nobody may connect to a URL like that of the server
  public ServerTransport(PinnedHttp http, TransportLimits limits, ServerTokens tokens)
      throws ServerFailure {
    WebUrl url;
    try {
      url = WebUrl.parse(tokens.serverUrl());
    } catch (EgressRefusal e) {
      throw new ServerFailure(Reason.NOT_SENT, e.sentence());
    }
    this.limits = limits;
    this.endpoint = new Endpoint(http, url, tokens, hidden);
    this.wire = new StreamableWire(endpoint, this::receive, limits);
  }

  /// The tokens that were sent to this server.
  public Hidden hidden() {
    return hidden;
  }

  @Override
  public List<String> protocolVersions() {
    return VERSIONS;
  }

  @Override
  public Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
    inbound = handler;
    return Mono.empty();
  }

  @Override
  public Mono<Void> sendMessage(JSONRPCMessage message) {
    return Mono.deferContextual(context -> {
      Exchange given = context.<@Nullable Exchange>getOrDefault(EXCHANGE, null);
      return Mono.create(sink -> {
        var _ = Thread.ofVirtual().name("mcp-message").start(() -> perform(message, given, sink));
      });
    });
  }

  private void perform(JSONRPCMessage message, @Nullable Exchange given, MonoSink<Void> sink) {
    try (Exchange own = endpoint.ownExchange(limits.exchangeTimeMax())) {
      send(message, given == null ? own : given);
      sink.success();
    } catch (ServerFailure | RuntimeException e) {
      sink.error(e);
    }
  }

  private void send(JSONRPCMessage message, Exchange exchange) throws ServerFailure {
    byte[] json;
    try {
      json = MAPPER.writeValueAsBytes(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a message to an MCP server cannot be written", e);
    }
    if (!(message instanceof JSONRPCRequest request)) {
      wire.send(json, null, exchange);
      return;
    }
    String id = String.valueOf(request.id());
    exchange.sends(id);
    if (request.method().equals(McpSchema.METHOD_INITIALIZE)) {
      initialize(json, id, exchange);
    } else {
      wire.send(json, id, exchange);
    }
  }

  /// Falls back to the older way when the server does not know the newer one.
  private void initialize(byte[] json, String id, Exchange exchange) throws ServerFailure {
    try {
      wire.send(json, id, exchange);
    } catch (ServerFailure e) {
      if (!NOT_STREAMABLE.contains(e.status())) {
        throw e;
      }
      EventStreamWire older = new EventStreamWire(endpoint, this::receive);
      try {
        older.open(exchange);
      } catch (ServerFailure alsoNot) {
        older.close();
        throw alsoNot.reason() == Reason.AUTHENTICATION ? alsoNot : e;
      }
      wire = older;
      older.send(json, id, exchange);
    }
  }

  private Set<String> receive(byte[] message) throws ServerFailure {
    JsonNode tree;
    try {
      tree = MAPPER.readTree(message);
    } catch (IOException | StackOverflowError e) {
      throw ServerFailure.unreadable("The MCP server answered with something that is no JSON.");
    }
    Set<String> answered = new HashSet<>();
    JsonNode clean = hidden.clean(tree);
    for (JsonNode each : clean.isArray() ? clean : List.of(clean)) {
      receive(each, answered);
    }
    return answered;
  }

  private void receive(JsonNode message, Set<String> answered) throws ServerFailure {
    JsonNode id = message.path("id");
    JsonNode method = message.path("method");
    if (method.isTextual() && !id.isMissingNode()) {
      if (asked.incrementAndGet() > TransportLimits.SERVER_REQUESTS_MAX) {
        throw new ServerFailure(Reason.UNREADABLE, "The MCP server asks its client too much.");
      }
      deliver(message, JSONRPCRequest.class);
    } else if (method.isTextual()) {
      if (method.textValue().equals(McpSchema.METHOD_NOTIFICATION_TOOLS_LIST_CHANGED)) {
        deliver(message, McpSchema.JSONRPCNotification.class);
      }
    } else if (id.isTextual() && (message.has("result") || message.has("error"))) {
      answered.add(id.textValue());
      deliver(response(message, id.textValue()));
    } else {
      throw ServerFailure.unreadable(
          "The MCP server answered with JSON that is no message of JSON-RPC.");
    }
  }

  /// The result stays a tree: nothing about it is known yet.
  private static JSONRPCMessage response(JsonNode message, String id) throws ServerFailure {
    JsonNode error = message.path("error");
    if (error.isMissingNode() || error.isNull()) {
      return new McpSchema.JSONRPCResponse(
          McpSchema.JSONRPC_VERSION, id, message.path("result"), null);
    }
    int code = error.path("code").asInt(McpSchema.ErrorCodes.INTERNAL_ERROR);
    String text = error.path("message").asText("");
    return new McpSchema.JSONRPCResponse(
        McpSchema.JSONRPC_VERSION,
        id,
        null,
        new McpSchema.JSONRPCResponse.JSONRPCError(code, text, null));
  }

  private void deliver(JsonNode message, Class<? extends JSONRPCMessage> type)
      throws ServerFailure {
    try {
      deliver(MAPPER.treeToValue(message, type));
    } catch (JsonProcessingException e) {
      throw ServerFailure.unreadable(
          "The MCP server answered with JSON that is no message of JSON-RPC.");
    }
  }

  private void deliver(JSONRPCMessage message) {
    var _ =
        inbound
            .apply(Mono.just(message))
            .subscribe(
                _ -> {}, e -> LOG.warnf("a message of an MCP server failed: %s", e.getClass()));
  }

  /// The server agreed to this version of the protocol.
  public void negotiated(String version) {
    wire.negotiated(version);
  }

  /// Receives notifications from now on.
  public void listen() {
    wire.listen();
  }

  @Override
  @SuppressWarnings("unchecked") // A tree is what was asked for.
  public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
    if (data instanceof JsonNode && type.getType().equals(JsonNode.class)) {
      return (T) data;
    }
    return MAPPER.convertValue(data, MAPPER.constructType(type.getType()));
  }

  /// Ends what is open; may wait for the server.
  @Override
  public Mono<Void> closeGracefully() {
    return Mono.fromRunnable(wire::close);
  }
}
