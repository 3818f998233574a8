package io.steward.vaultproxy.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.Audit;
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
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is recorded when servers are used with tokens.
@Timeout(60)
class McpAuditTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final Instant USED = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SessionId session = SessionId.random(1);
  private final StagedTokens tokens = new StagedTokens();
  private final RecordedUses uses = new RecordedUses();
  private McpSite site;
  private McpServers servers;

  @BeforeEach
  void start() throws IOException {
    site = McpSite.start();
    servers = servers(PATIENCE, PATIENCE);
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

  private McpServers servers(Duration exchangeTimeMax, Duration callTimeMax) {
    TransportLimits transport =
        new TransportLimits(Duration.ofSeconds(5), exchangeTimeMax, 500_000);
    CheckedAddresses addresses =
        new CheckedAddresses(
            _ -> List.of(InetAddress.ofLiteral("127.0.0.1")), AddressPolicy.parse("127.0.0.1"));
    return new McpServers(
        new McpLimits(transport, callTimeMax, Duration.ofMinutes(5), 3),
        new PinnedHttp(VERTX, addresses, transport, 20, null),
        tokens,
        uses.audit(() -> USED));
  }

  private Server server() {
    return server(site.url());
  }

  private Server server(String url) {
    return new Server("wrkspc_default", session, "site", url, List.of("vlt_1"));
  }

  private void list() throws Exception {
    assertEquals(1, servers.tools(server()).size());
  }

  private void call() throws Exception {
    try (Exchange exchange = servers.callExchange()) {
      servers.call(server(), "echo", JsonNodeFactory.instance.objectNode(), exchange);
    }
  }

  private static void await(BooleanSupplier condition) {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - giveUpNanos < 0, "it does not come true");
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  /// The uses once the connection and its stream of notifications are there.
  private void connect() throws Exception {
    list();
    await(() -> site.listeners() == 1 && uses.all().size() == 3);
  }

  @Test
  void a_connection_its_stream_each_list_and_each_call_are_a_use() throws Exception {
    tokens.have("canary-token");
    connect();
    CredentialUse use = uses.all().getFirst();
    uses.clear();
    call();
    call();
    list();

    assertEquals(
        new CredentialUse(
            use.id(),
            USED,
            "wrkspc_default",
            "vlt_1",
            "vcrd_1",
            session,
            Purpose.MCP,
            "127.0.0.1",
            site.port(),
            false,
            Outcome.ANSWERED,
            200),
        use);
    assertEquals(
        List.of("mcp answered 200", "mcp answered 200", "mcp answered 200"), uses.summaries());
  }

  @Test
  void the_pages_of_a_list_are_one_use() throws Exception {
    tokens.have("canary-token");
    connect();
    uses.clear();
    site.answer(
        "tools/list",
        (http, message) -> {
          boolean last = message.at("/params/cursor").asText("").equals("2");
          site.reply(
              http,
              message,
              last
                  ? "{'tools':[]}"
                  : "{'tools':[%s],'nextCursor':'2'}".formatted(McpSite.tool("echo")));
        });

    list();

    assertEquals(2, site.seen("tools/list").stream().skip(1).count());
    assertEquals(List.of("mcp answered 200"), uses.summaries());
  }

  @Test
  void a_token_that_is_refused_and_the_one_after_it_are_two_uses() throws Exception {
    tokens.have("stale");
    tokens.haveAfterRefusal("fresh");
    connectWith("fresh");
    uses.clear();

    call();

    assertEquals(List.of("mcp refused 401", "mcp answered 200"), uses.summaries());
  }

  private void connectWith(String token) throws Exception {
    site.requireToken(token);
    list();
    await(() -> site.listeners() == 1 && uses.all().size() == 6);
  }

  @Test
  void without_a_token_there_is_no_use() throws Exception {
    list();
    call();
    await(() -> site.listeners() == 1);

    assertEquals(List.of(), uses.all());
  }

  @Test
  void a_server_that_does_not_answer_may_have_the_token() throws Exception {
    servers.close();
    servers = servers(PATIENCE, Duration.ofSeconds(1));
    tokens.have("canary-token");
    connect();
    uses.clear();
    site.answer("tools/call", (_, _) -> site.never());

    assertThrows(ServerFailure.class, this::call);

    assertEquals("mcp failed null", uses.summaries().getFirst());
  }

  @Test
  void what_was_not_sent_is_no_use() {
    tokens.have("canary-token");

    ServerFailure failure =
        assertThrows(ServerFailure.class, () -> servers.tools(server("http://127.0.0.1:1/mcp")));

    assertEquals(Reason.NOT_SENT, failure.reason());
    assertEquals(List.of(), uses.all());
  }

  @Test
  void while_no_use_can_be_recorded_no_token_is_sent() throws Exception {
    servers.close();
    servers = servers(Duration.ofMillis(300), PATIENCE);
    tokens.have("canary-token");
    uses.full(true);

    ServerFailure failure = assertThrows(ServerFailure.class, this::list);

    assertEquals(Reason.NOT_SENT, failure.reason());
    assertEquals(Audit.NO_ROOM, failure.sentence());
    assertEquals(List.of(), site.seen());
    assertEquals(List.of(), uses.all());
  }
}
