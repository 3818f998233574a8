package io.steward.vaultproxy.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.egress.EgressCommand.CallMcpTool;
import io.steward.schemas.egress.EgressCommand.ListMcpTools;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.vaultproxy.call.Calls;
import io.steward.vaultproxy.call.LongTexts;
import io.steward.vaultproxy.call.PostgresCallJournal;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.McpSite;
import io.steward.vaultproxy.stage.RecordedUses;
import io.steward.vaultproxy.stage.StagedTokens;
import io.steward.vaultproxy.transport.PinnedHttp;
import io.steward.vaultproxy.transport.TransportLimits;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands and their answers, with a real server and a real journal.
class McpCommandsTest {
  @TempDir Path directory;

  private static final Vertx VERTX = Vertx.vertx();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static Database database;

  private final SessionId session = SessionId.random(1);
  private final StagedTokens tokens = new StagedTokens();
  private final BlockingQueue<ToolResult> results = new LinkedBlockingQueue<>();
  private final BlockingQueue<McpToolList> lists = new LinkedBlockingQueue<>();
  private final Semaphore acknowledged = new Semaphore(0);
  private McpSite site;
  private McpServers servers;
  private Calls calls;
  private McpCommands commands;

  @BeforeAll
  static void startDatabase() throws IOException {
    database = Database.start();
  }

  @AfterAll
  static void stopDatabase() throws IOException {
    database.close();
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  @BeforeEach
  void start() throws IOException {
    site = McpSite.start();
    start(Duration.ofSeconds(20));
  }

  private void start(Duration callTimeMax) {
    TransportLimits transport = TransportLimits.usual();
    CheckedAddresses addresses =
        new CheckedAddresses(
            _ -> List.of(InetAddress.ofLiteral("127.0.0.1")), AddressPolicy.parse("127.0.0.1"));
    servers =
        new McpServers(
            McpLimits.usual(callTimeMax),
            new PinnedHttp(VERTX, addresses, transport, 20, null),
            tokens,
            RecordedUses.audit());
    calls =
        new Calls(
            new PostgresCallJournal(new Transactions(database.source())),
            (_, result) -> results.add(result),
            new LongTexts(new DirectoryBlobStore(directory)),
            InstantSource.system(),
            new Calls.Settings("one", Duration.ofMinutes(1), 8, 8));
    commands = new McpCommands(servers, calls, (_, list) -> lists.add(list));
  }

  @AfterEach
  void stop() {
    calls.close();
    commands.close();
    servers.close();
    site.close();
  }

  private CallMcpTool call(JsonNode input) {
    return new CallMcpTool(
        session, Ids.random("sevt_"), "site", site.url(), "echo", input, List.of("vlt_1"));
  }

  private ToolResult called(CallMcpTool command) throws InterruptedException {
    commands.call(command, "wrkspc_default", acknowledged::release);
    ToolResult result = results.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertNotNull(result, "no answer");
    assertTrue(acknowledged.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    return result;
  }

  private ToolResult called() throws InterruptedException {
    return called(call(JsonNodeFactory.instance.objectNode()));
  }

  private static String text(ToolResult result) {
    return ((ContentBlock.Text) result.content().getFirst()).text();
  }

  private McpToolList listed() throws InterruptedException {
    McpToolList list = lists.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertNotNull(list, "no list");
    return list;
  }

  private void assertUnusable(
      String errorType, String message, @Nullable String attempt, McpToolList list) {
    assertEquals(
        new McpToolList(session, "site", site.url(), attempt, null, errorType, message), list);
  }

  @Test
  void a_list_answers_its_attempt() throws Exception {
    commands.list(
        new ListMcpTools(session, "site", site.url(), "attempt-1", List.of()),
        "wrkspc_default",
        acknowledged::release);

    McpToolList list = listed();
    assertEquals("attempt-1", list.attempt());
    assertEquals(
        List.of("echo"), Objects.requireNonNull(list.tools()).stream().map(McpTool::name).toList());
    assertTrue(acknowledged.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void a_list_that_cannot_be_had_says_why() throws Exception {
    site.requireToken("t0ken");
    commands.list(
        new ListMcpTools(session, "site", site.url(), "attempt-1", List.of()),
        "wrkspc_default",
        () -> {});
    assertUnusable(
        "mcp_authentication_failed_error",
        "The MCP server wants a credential, and no vault of the session has one for it (status"
            + " 401).",
        "attempt-1",
        listed());

    commands.list(
        new ListMcpTools(session, "site", "http://10.0.0.1/mcp", "attempt-2", List.of()),
        "wrkspc_default",
        () -> {});
    McpToolList refused = listed();
    assertEquals("mcp_connection_failed_error", refused.errorType());
    assertEquals(
        "The host 10.0.0.1 is not on the public internet, and not allowed here.",
        refused.message());
  }

  @Test
  void a_call_has_the_result_of_the_tool() throws Exception {
    site.result(
        "tools/call", "{'isError':true,'content':[{'type':'text','text':'it went wrong'}]}");
    ToolResult result = called();
    assertEquals(Outcome.FAILED, result.outcome());
    assertTrue(result.isError());
    assertEquals("it went wrong", text(result));
    assertNull(lists.poll());
  }

  @Test
  void a_call_that_finds_its_server_unusable_says_so_of_the_server_too() throws Exception {
    site.close();
    ToolResult result = called();
    assertEquals(Outcome.FAILED, result.outcome());
    assertEquals("The MCP server cannot be connected to. The tool did not run.", text(result));
    assertUnusable(
        "mcp_connection_failed_error", "The MCP server cannot be connected to.", null, listed());
  }

  @Test
  void a_call_that_is_refused_for_its_credential_says_so_of_the_server_too() throws Exception {
    assertEquals(Outcome.COMPLETED, called().outcome());
    tokens.have("old-token");
    site.requireToken("new-token");
    ToolResult result = called();
    assertEquals(Outcome.FAILED, result.outcome());
    assertEquals("mcp_authentication_failed_error", listed().errorType());

    tokens.have("new-token");
    assertEquals(Outcome.COMPLETED, called().outcome(), "the next call uses the new credential");
  }

  @Test
  void a_call_without_answer_leaves_the_server_usable() throws Exception {
    stop();
    site = McpSite.start();
    start(Duration.ofSeconds(1));
    site.answer("tools/call", (_, _) -> site.never());
    ToolResult result = called();
    assertEquals(Outcome.TIMED_OUT, result.outcome());
    assertEquals(
        "The MCP server did not answer within 1 seconds. The tool may have run completely, partly"
            + " or not at all.",
        text(result));
    assertNull(lists.poll());
  }

  @Test
  void a_call_that_is_canceled_while_it_runs_ends() throws Exception {
    CallMcpTool command = call(JsonNodeFactory.instance.objectNode());
    site.answer(
        "tools/call",
        (_, _) -> {
          calls.cancel(session, List.of(command.toolUseId()), "wrkspc_default", () -> {});
          site.never();
        });
    assertEquals(Outcome.CANCELED, called(command).outcome());
  }

  @Test
  void an_error_of_the_server_is_shown_without_its_secrets() throws Exception {
    tokens.have("canary-token");
    site.answer(
        "tools/call",
        (http, message) ->
            McpSite.send(
                http,
                "application/json",
                "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":1,\"message\":\"bad canary-token\"}}"
                    .formatted(message.get("id"))));
    ToolResult result = called();
    assertEquals(Outcome.FAILED, result.outcome());
    assertEquals("The MCP server answered with an error: bad [secret]", text(result));
    assertNull(lists.poll());
  }

  @Test
  void input_that_is_no_object_is_not_sent() throws Exception {
    ToolResult result = called(call(JsonNodeFactory.instance.textNode("x")));
    assertEquals("The input of a tool must be a JSON object. The tool did not run.", text(result));
    assertEquals(List.of(), site.seen());
  }

  @Test
  void tools_that_change_are_listed_again() throws Exception {
    assertEquals(Outcome.COMPLETED, called().outcome());
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (site.listeners() == 0 && System.nanoTime() < giveUpNanos) {
      Thread.sleep(10);
    }
    site.result("tools/list", "{'tools':[" + McpSite.tool("new") + "]}");

    site.tell("{'jsonrpc':'2.0','method':'notifications/tools/list_changed'}");

    McpToolList list = listed();
    assertNull(list.attempt());
    assertEquals(
        List.of("new"), Objects.requireNonNull(list.tools()).stream().map(McpTool::name).toList());
  }
}
