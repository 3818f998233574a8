package io.steward.vaultproxy.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.SessionId;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.stage.McpSite;
import io.steward.vaultproxy.stage.RecordedUses;
import io.steward.vaultproxy.stage.StagedTokens;
import io.steward.vaultproxy.transport.Exchange;
import io.steward.vaultproxy.transport.PinnedHttp;
import io.steward.vaultproxy.transport.ServerFailure;
import io.steward.vaultproxy.transport.ServerFailure.Reason;
import io.steward.vaultproxy.transport.TransportLimits;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that knows the older way only, HTTP with server-sent events.
class OlderServersTest {
  private static final Vertx VERTX = Vertx.vertx();

  private final CompletableFuture<OutputStream> stream = new CompletableFuture<>();
  private final StagedTokens tokens = new StagedTokens();
  private McpSite site;
  private McpServers servers;
  private volatile String endpoint = "/messages?of=1";
  private volatile int notStreamable = 405;

  @BeforeEach
  void start() throws IOException {
    site = McpSite.start();
    site.path("/sse", (http, _) -> open(http));
    site.path("/messages", this::receive);
    TransportLimits transport = TransportLimits.usual();
    CheckedAddresses addresses =
        new CheckedAddresses(
            _ -> List.of(InetAddress.ofLiteral("127.0.0.1")), AddressPolicy.parse("127.0.0.1"));
    servers =
        new McpServers(
            McpLimits.usual(Duration.ofSeconds(20)),
            new PinnedHttp(VERTX, addresses, transport, 20, null),
            tokens,
            RecordedUses.audit());
  }

  @AfterEach
  void stop() {
    servers.close();
    site.close();
  }

  @AfterAll
  static void stopVertx() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  private void open(HttpExchange http) throws IOException, InterruptedException {
    if (!http.getRequestMethod().equals("GET")) {
      McpSite.status(http, notStreamable);
      return;
    }
    http.getResponseHeaders().set("Content-Type", "text/event-stream");
    http.sendResponseHeaders(200, 0);
    http.getResponseBody()
        .write(("event: endpoint\ndata: " + endpoint + "\n\n").getBytes(StandardCharsets.UTF_8));
    http.getResponseBody().flush();
    stream.complete(http.getResponseBody());
    site.never();
  }

  private void receive(HttpExchange http, JsonNode message) throws IOException {
    McpSite.status(http, 202);
    String result =
        switch (message.path("method").asText()) {
          case "initialize" -> "{'protocolVersion':'2024-11-05','capabilities':{'tools':{}}}";
          case "tools/list" -> "{'tools':[" + McpSite.tool("old") + "]}";
          case "tools/call" -> "{'content':[{'type':'text','text':'called'}]}";
          default -> "";
        };
    if (result.equals("{'content':[{'type':'text','text':'called'}]}") && breaks) {
      stream.join().close();
    } else if (!result.isEmpty()) {
      tell(
          "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}"
              .formatted(message.get("id"), McpSite.json(result)));
    }
  }

  private volatile boolean breaks;

  private void tell(String message) throws IOException {
    OutputStream out = stream.join();
    out.write(("event: message\ndata: " + message + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private Server server() {
    return new Server(
        "wrkspc_default",
        SessionId.random(1),
        "site",
        "http://127.0.0.1:" + site.port() + "/sse",
        List.of("vlt_1"));
  }

  private Object call(Server server) throws ServerFailure, ServerError {
    try (Exchange exchange = servers.callExchange()) {
      return servers
          .call(server, "old", JsonNodeFactory.instance.objectNode(), exchange)
          .content()
          .getFirst();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 405})
  void a_server_without_streamable_http_is_spoken_to_in_the_older_way(int status) throws Exception {
    notStreamable = status;
    tokens.have("canary-token");
    Server server = server();

    assertEquals("old", servers.tools(server).stream().map(McpTool::name).findFirst().get());
    assertEquals(new ContentBlock.Text("called"), call(server));

    assertEquals(
        List.of("Bearer canary-token"),
        site.seen().stream().map(each -> each.header("Authorization")).distinct().toList());
  }

  @Test
  void another_origin_is_not_posted_to() throws Exception {
    try (McpSite other = McpSite.start()) {
      endpoint = "http://127.0.0.1:" + other.port() + "/mcp";
      ServerFailure failure = assertThrows(ServerFailure.class, () -> servers.tools(server()));
      assertEquals(Reason.REFUSED, failure.reason());
      assertEquals(List.of(), other.seen());
    }
  }

  @Test
  void a_stream_that_ends_leaves_open_what_ran() throws Exception {
    Server server = server();
    var _ = servers.tools(server);
    breaks = true;
    assertEquals(Reason.BROKEN, assertThrows(ServerFailure.class, () -> call(server)).reason());
  }

  @Test
  void a_server_that_knows_neither_way_says_what_it_said_first() {
    site.path("/sse", (http, _) -> McpSite.status(http, 404));
    ServerFailure failure = assertThrows(ServerFailure.class, () -> servers.tools(server()));
    assertEquals(Reason.REFUSED, failure.reason());
    assertEquals("The MCP server answered with status 404.", failure.sentence());
  }
}
