package io.steward.vaultproxy.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.call.CallAnswer;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.stage.McpSite;
import io.steward.vaultproxy.stage.RecordedUses;
import io.steward.vaultproxy.stage.StagedTokens;
import io.steward.vaultproxy.stage.WebSite;
import io.steward.vaultproxy.transport.Exchange;
import io.steward.vaultproxy.transport.PinnedHttp;
import io.steward.vaultproxy.transport.ServerFailure;
import io.steward.vaultproxy.transport.ServerFailure.Reason;
import io.steward.vaultproxy.transport.TransportLimits;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Lists and calls tools of a server on this machine.
class McpServersTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final int ANSWER_BYTES_MAX = 500_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final JsonNode NO_INPUT = JsonNodeFactory.instance.objectNode();
  private static final String TOKEN = "canary-token-1";

  private final SessionId session = SessionId.random(1);
  private final StagedTokens tokens = new StagedTokens();
  private McpSite site;
  private McpServers servers;

  @BeforeEach
  void start() throws IOException {
    site = McpSite.start();
    servers = servers(Duration.ofSeconds(20), "127.0.0.1");
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

  private McpServers servers(Duration callTimeMax, String allowed) {
    TransportLimits transport =
        new TransportLimits(Duration.ofSeconds(5), Duration.ofSeconds(20), ANSWER_BYTES_MAX);
    CheckedAddresses addresses =
        new CheckedAddresses(
            _ -> List.of(InetAddress.ofLiteral("127.0.0.1")), AddressPolicy.parse(allowed));
    return new McpServers(
        new McpLimits(transport, callTimeMax, Duration.ofMinutes(5), 3),
        new PinnedHttp(VERTX, addresses, transport, 20, null),
        tokens,
        RecordedUses.audit());
  }

  private Server server() {
    return server(site.url());
  }

  private Server server(String url) {
    return new Server("wrkspc_default", session, "site", url, List.of("vlt_1"));
  }

  private List<String> names() throws Exception {
    return servers.tools(server()).stream().map(McpTool::name).toList();
  }

  private CallAnswer call(JsonNode input) throws Exception {
    try (Exchange exchange = servers.callExchange()) {
      return servers.call(server(), "echo", input, exchange);
    }
  }

  private String text(JsonNode input) throws Exception {
    CallAnswer answer = call(input);
    assertFalse(answer.isError(), answer.toString());
    return ((ContentBlock.Text) answer.content().getFirst()).text();
  }

  private ServerFailure listFailure(String url) {
    return assertThrows(ServerFailure.class, () -> servers.tools(server(url)));
  }

  private ServerFailure callFailure() {
    return assertThrows(ServerFailure.class, () -> call(NO_INPUT));
  }

  private static void await(BooleanSupplier condition) {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < giveUpNanos, "it does not come true");
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tools_are_listed_and_called_over_one_session(boolean events) throws Exception {
    site.useEvents(events);

    assertEquals(List.of("echo"), names());
    JsonNode input = Json.tree("{\"a\":[1.5,null]}".getBytes(StandardCharsets.UTF_8));
    assertEquals("{\"a\":[1.5,null]}", text(input));

    assertEquals(1, site.seen("initialize").size());
    assertEquals(1, servers.connections());
    McpSite.Seen greeting = site.seen("initialize").getFirst();
    assertNull(greeting.header("Authorization"));
    assertEquals("Steward", greeting.header("User-agent"));
    assertEquals(
        "{}", greeting.message().at("/params/capabilities").toString(), "nothing is offered");
  }

  @Test
  void pages_are_read_to_the_end_and_a_list_without_end_is_given_up() throws Exception {
    site.answer(
        "tools/list",
        (http, message) -> {
          String cursor = message.at("/params/cursor").asText("0");
          site.reply(
              http,
              message,
              "{'tools':[%s],'nextCursor':'%d'}"
                  .formatted(McpSite.tool("t" + cursor), Integer.parseInt(cursor) + 1));
        });

    assertEquals(McpLimits.PAGES_MAX, names().size());
  }

  @Test
  void the_token_of_each_moment_is_sent_and_never_comes_back() throws Exception {
    site.requireToken(TOKEN);
    tokens.have(TOKEN);
    site.result(
        "tools/list",
        "{'tools':[{'name':'echo','description':'say "
            + TOKEN
            + "',"
            + "'inputSchema':{'type':'object','"
            + TOKEN
            + "':1}}]}");
    assertFalse(servers.tools(server()).toString().contains(TOKEN));

    site.requireToken("canary-token-2");
    tokens.have("canary-token-2");
    site.result(
        "tools/call", "{'content':[{'type':'text','text':'" + TOKEN + " canary-token-2'}]}");
    assertEquals("[secret] [secret]", text(NO_INPUT));
    assertEquals(0, tokens.refusals());
    assertEquals(1, site.seen("initialize").size(), "the session goes on");
  }

  @Test
  void a_refused_token_is_tried_once_more_when_there_is_another_one() throws Exception {
    site.requireToken("fresh-token");
    tokens.have("stale-token");
    tokens.haveAfterRefusal("fresh-token");
    assertEquals(List.of("echo"), names());
  }

  @Test
  void access_that_is_refused_is_a_failure_of_authentication() {
    site.requireToken(TOKEN);
    ServerFailure without = listFailure(site.url());
    assertEquals(Reason.AUTHENTICATION, without.reason());
    assertEquals(
        "The MCP server wants a credential, and no vault of the session has one for it (status"
            + " 401).",
        without.sentence());

    tokens.have("wrong-token");
    ServerFailure with = listFailure(site.url());
    assertEquals(Reason.AUTHENTICATION, with.reason());
    assertEquals(
        "The MCP server does not accept the credential of the session's vaults (status 401).",
        with.sentence());
    assertEquals(1, tokens.refusals());
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 400})
  void a_lost_session_is_begun_again(int status) throws Exception {
    assertEquals(List.of("echo"), names());
    site.forgetSessions(status);
    assertEquals("{}", text(NO_INPUT));
    assertEquals(2, site.seen("initialize").size());
  }

  @Test
  void a_changed_list_is_told() throws Exception {
    BlockingQueue<Server> changed = new LinkedBlockingQueue<>();
    servers.onChange(changed::add);
    assertEquals(List.of("echo"), names());
    await(() -> site.listeners() == 1);

    site.tell("{'jsonrpc':'2.0','method':'notifications/message','params':{'data':'x'}}");
    site.tell("{'jsonrpc':'2.0','id':'p','method':'ping'}");
    site.tell("{'jsonrpc':'2.0','id':'s','method':'sampling/createMessage','params':{}}");
    site.tell("{'jsonrpc':'2.0','method':'notifications/tools/list_changed'}");

    assertEquals(server(), changed.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    await(() ->
        site.seen().stream()
                .filter(each -> each.message().has("id") && each.rpc().isEmpty())
                .count()
            == 2);
    for (McpSite.Seen answer : site.seen()) {
      if (answer.rpc().isEmpty() && answer.message().path("id").asText().equals("s")) {
        assertEquals(-32601, answer.message().at("/error/code").asInt(), "no sampling is offered");
      }
    }
  }

  @Test
  void a_server_that_never_answers_is_given_up_and_told() {
    servers.close();
    servers = servers(Duration.ofSeconds(1), "127.0.0.1");
    site.answer("tools/call", (_, _) -> site.never());

    ServerFailure late = callFailure();

    assertEquals(Reason.LATE, late.reason());
    assertEquals("The MCP server did not answer within 1 seconds.", late.sentence());
    await(() -> !site.seen("notifications/cancelled").isEmpty());
    assertEquals(
        site.seen("tools/call").getFirst().message().get("id"),
        site.seen("notifications/cancelled").getFirst().message().at("/params/requestId"));
  }

  @Test
  void a_call_that_is_stopped_ends_at_once_and_the_server_is_told() throws Exception {
    site.answer("tools/call", (_, _) -> site.never());
    Exchange exchange = servers.callExchange();
    var _ =
        Thread.ofVirtual()
            .start(() -> {
              await(() -> !site.seen("tools/call").isEmpty());
              exchange.stop();
            });

    ServerFailure stopped =
        assertThrows(ServerFailure.class, () -> servers.call(server(), "echo", NO_INPUT, exchange));

    assertEquals(Reason.STOPPED, stopped.reason());
    await(() -> !site.seen("notifications/cancelled").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "text/event-stream"})
  void an_answer_without_end_is_given_up(String type) {
    site.answer(
        "tools/call",
        (http, _) -> {
          http.getResponseHeaders().set("Content-Type", type);
          http.sendResponseHeaders(200, 0);
          byte[] part = "data: x\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);
          while (!Thread.currentThread().isInterrupted()) {
            http.getResponseBody().write(part);
          }
        });

    ServerFailure failure = callFailure();

    assertEquals(Reason.TOO_LARGE, failure.reason());
    assertEquals(
        "The answer of the MCP server is larger than the limit of 500000 bytes.",
        failure.sentence());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json|no json",
        "application/json|{}",
        "application/json|[]",
        "application/json|{\"jsonrpc\":\"2.0\",\"id\":\"other\",\"result\":{}}",
        "application/json|{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{}}",
        "text/html|<p>hello</p>",
        "text/event-stream|data: nonsense\\n\\n"
      })
  void an_answer_nobody_can_read_is_a_failure(String type, String body) {
    site.answer("tools/call", (http, _) -> McpSite.send(http, type, body.replace("\\n", "\n")));
    Reason reason = callFailure().reason();
    assertTrue(reason == Reason.UNREADABLE || reason == Reason.BROKEN, reason.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "[],"})
  void json_that_is_deep_or_in_many_parts_is_a_failure(String part) {
    site.answer(
        "tools/call",
        (http, _) -> McpSite.send(http, "application/json", "[" + part.repeat(150_000) + "1]"));
    assertEquals(Reason.UNREADABLE, callFailure().reason());
  }

  @Test
  void an_error_of_the_server_is_an_answer() throws Exception {
    site.answer(
        "tools/call",
        (http, message) ->
            McpSite.send(
                http,
                "application/json",
                "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32602,\"message\":\"no such tool\"}}"
                    .formatted(message.get("id"))));
    ServerError error = assertThrows(ServerError.class, () -> call(NO_INPUT));
    assertEquals("no such tool", error.message());
  }

  @Test
  void a_connection_that_breaks_leaves_open_what_ran() {
    site.answer(
        "tools/call",
        (http, _) -> {
          http.getResponseHeaders().set("Content-Type", "application/json");
          http.sendResponseHeaders(200, 1_000);
          http.getResponseBody().write('{');
          http.getResponseBody().flush();
          throw new IOException("cut");
        });
    assertEquals(Reason.BROKEN, callFailure().reason());
  }

  @Test
  void a_status_of_the_server_says_whether_it_may_have_acted() throws Exception {
    assertEquals(List.of("echo"), names());
    site.answer("tools/call", (http, _) -> McpSite.status(http, 422));
    assertEquals(Reason.REFUSED, callFailure().reason());
    site.answer("tools/call", (http, _) -> McpSite.status(http, 502));
    assertEquals(Reason.BROKEN, callFailure().reason());
  }

  @Test
  void a_redirect_is_followed_on_the_same_origin_only() throws Exception {
    tokens.have(TOKEN);
    site.path(
        "/short",
        (http, _) -> {
          http.getResponseHeaders().set("Location", "/mcp");
          McpSite.status(http, 307);
        });
    assertEquals(
        "echo",
        servers.tools(server("http://127.0.0.1:" + site.port() + "/short")).getFirst().name());

    try (WebSite other = WebSite.start()) {
      site.path(
          "/away",
          (http, _) -> {
            http.getResponseHeaders().set("Location", "http://127.0.0.1:" + other.port() + "/mcp");
            McpSite.status(http, 307);
          });
      ServerFailure refused = listFailure("http://127.0.0.1:" + site.port() + "/away");
      assertEquals(Reason.REFUSED, refused.reason());
      assertEquals(
          "The MCP server points to another origin, and that is not followed.", refused.sentence());
      assertEquals(List.of(), other.visits());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:%d/mcp",
        "http://site.example:%d/mcp",
        "http://[::1]:%d/mcp",
        "http://10.0.0.1/mcp",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]:%d/mcp"
      })
  void an_address_that_is_not_public_is_not_connected_to(String url) {
    servers.close();
    servers = servers(Duration.ofSeconds(5), "");
    ServerFailure refused = listFailure(url.formatted(site.port()));
    assertEquals(Reason.NOT_SENT, refused.reason());
    assertTrue(
        refused.sentence().endsWith("is not on the public internet, and not allowed here."),
        refused.sentence());
    assertEquals(List.of(), site.seen());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://a/b", "nonsense", "http://user:pass@127.0.0.1/mcp", "http://a:22/"})
  void a_url_that_is_none_is_not_connected_to(String url) {
    assertEquals(Reason.NOT_SENT, listFailure(url).reason());
  }

  @Test
  void nobody_listening_means_that_nothing_was_sent() {
    site.close();
    ServerFailure failure = listFailure(site.url());
    assertEquals(Reason.NOT_SENT, failure.reason());
    assertEquals("The MCP server cannot be connected to.", failure.sentence());
  }

  @Test
  void a_server_of_another_version_is_not_used() {
    site.result("initialize", "{'protocolVersion':'1999-01-01','capabilities':{}}");
    assertEquals(Reason.UNREADABLE, listFailure(site.url()).reason());
  }

  @Test
  void sessions_share_no_connection_and_a_forgotten_one_is_ended() throws Exception {
    assertEquals(List.of("echo"), names());
    SessionId other = SessionId.random(1);
    var _ =
        servers.tools(new Server("wrkspc_default", other, "site", site.url(), List.of("vlt_1")));
    assertEquals(2, servers.connections());

    servers.forget(session);

    assertEquals(1, servers.connections());
    await(() -> site.openSessions() == 1);
  }

  @Test
  void too_many_connections_push_out_the_one_that_idles_longest() throws Exception {
    for (int i = 0; i < 5; i++) {
      var _ =
          servers.tools(
              new Server("wrkspc_default", session, "s" + i, site.url(), List.of("vlt_1")));
    }
    assertEquals(3, servers.connections());
    await(() -> site.openSessions() == 3);
  }
}
