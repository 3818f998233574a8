package io.steward.vaultproxy.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxEvent.Type;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.SandboxIdentity;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunningSandboxesTest {
  private static final SessionId SESSION = SessionId.random(1);
  private static final SessionId OTHER = SessionId.random(2);
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

  private final RunningSandboxes sandboxes = new RunningSandboxes(2);

  private static SandboxEvent event(
      Type type, SessionId session, String incarnation, @Nullable SandboxAccess access) {
    return new SandboxEvent(
        type,
        session,
        incarnation,
        "bubblewrap",
        Instant.parse("2026-01-02T03:04:05.678Z"),
        null,
        access);
  }

  private static SandboxAccess access(String tokenSha256, String... vaultIds) {
    return new SandboxAccess(
        tokenSha256,
        "wrkspc_default",
        new Unrestricted(),
        new SandboxNetwork(List.of(), List.of(vaultIds), List.of()));
  }

  private List<String> started(SessionId session, String incarnation, String tokenSha256) {
    return take(event(Type.STARTED, session, incarnation, access(tokenSha256)));
  }

  private List<String> stopped(SessionId session, String incarnation) {
    return take(event(Type.STOPPED, session, incarnation, null));
  }

  private List<String> take(SandboxEvent event) {
    return sandboxes.take(event).stream().map(HexFormat.of()::formatHex).toList();
  }

  private Optional<SandboxIdentity> find(String tokenSha256) {
    return sandboxes.find(HexFormat.of().parseHex(tokenSha256));
  }

  private String sandboxOf(String tokenSha256) {
    return find(tokenSha256).map(SandboxIdentity::sandboxId).orElse("none");
  }

  @Test
  void a_sandbox_is_known_by_its_token_from_its_start_to_its_stop() {
    assertEquals("none", sandboxOf(A));
    assertEquals(List.of(), started(SESSION, "sbx_1", A));
    assertEquals("sbx_1", sandboxOf(A));
    assertEquals("none", sandboxOf(B));
    assertEquals(List.of(A), stopped(SESSION, "sbx_1"));
    assertEquals("none", sandboxOf(A));
    assertEquals(0, sandboxes.size());
  }

  @Test
  void what_it_may_reach_is_what_was_announced() {
    SandboxNetwork.Repository repository =
        new SandboxNetwork.Repository("https://git.example/r", "sec_1");
    take(
        event(
            Type.STARTED,
            SESSION,
            "sbx_1",
            new SandboxAccess(
                A,
                "wrkspc_default",
                new Unrestricted(),
                new SandboxNetwork(
                    List.of(
                        "https://mcp.example/mcp",
                        "http://MCP.example:8080",
                        "ftp://x.example",
                        "https://a b"),
                    List.of("vlt_2", "vlt_1"),
                    List.of(repository)))));

    SandboxIdentity known = find(A).orElseThrow();

    assertEquals(SESSION, known.sessionId());
    assertEquals("wrkspc_default", known.workspaceId());
    assertEquals(new Unrestricted(), known.network());
    assertEquals(
        List.of("mcp.example:443", "mcp.example:8080"),
        known.mcpServers().stream().map(Endpoint::toString).sorted().collect(Collectors.toList()));
    assertEquals(List.of("vlt_2", "vlt_1"), known.vaultIds());
    assertEquals(List.of(repository), known.repositories());
  }

  @Test
  void a_newer_sandbox_of_the_session_ends_the_one_before_it() {
    started(SESSION, "sbx_1", A);
    started(OTHER, "sbx_9", "c".repeat(64));

    assertEquals(List.of(A), started(SESSION, "sbx_2", B));
    assertEquals("none", sandboxOf(A));
    assertEquals("sbx_2", sandboxOf(B));
    assertEquals("sbx_9", sandboxOf("c".repeat(64)));
    assertEquals(List.of(), stopped(SESSION, "sbx_1"), "it is over already");
    assertEquals("sbx_2", sandboxOf(B));
  }

  @Test
  void a_newer_sandbox_without_a_way_out_ends_the_one_before_it_too() {
    started(SESSION, "sbx_1", A);

    assertEquals(List.of(A), take(event(Type.STARTED, SESSION, "sbx_2", null)));
    assertEquals("none", sandboxOf(A));
  }

  @Test
  void another_access_counts_at_once_and_closes_nothing() {
    started(SESSION, "sbx_1", A);

    assertEquals(List.of(), take(event(Type.ACCESS_CHANGED, SESSION, "sbx_1", access(A, "vlt_1"))));
    assertEquals(List.of("vlt_1"), find(A).orElseThrow().vaultIds());
  }

  @Test
  void another_token_ends_the_one_before_it() {
    started(SESSION, "sbx_1", A);

    assertEquals(List.of(A), take(event(Type.ACCESS_CHANGED, SESSION, "sbx_1", access(B))));
    assertEquals("none", sandboxOf(A));
    assertEquals("sbx_1", sandboxOf(B));
  }

  @Test
  void a_sandbox_whose_start_is_no_longer_on_the_topic_is_known_by_its_access() {
    take(event(Type.ACCESS_CHANGED, SESSION, "sbx_1", access(A)));

    assertEquals("sbx_1", sandboxOf(A));
  }

  @Test
  void nothing_that_comes_late_makes_a_sandbox_run_again() {
    started(SESSION, "sbx_1", A);
    started(SESSION, "sbx_2", B);
    assertEquals(List.of(), started(SESSION, "sbx_1", A));
    assertEquals(List.of(), take(event(Type.ACCESS_CHANGED, SESSION, "sbx_1", access(A))));
    assertEquals("sbx_2", sandboxOf(B));
    stopped(SESSION, "sbx_2");
    assertEquals(List.of(), started(SESSION, "sbx_2", B));
    assertEquals(List.of(), take(event(Type.ACCESS_CHANGED, SESSION, "sbx_2", access(B))));

    assertEquals("none", sandboxOf(A));
    assertEquals("none", sandboxOf(B));
  }

  @Test
  void what_comes_twice_changes_nothing() {
    started(SESSION, "sbx_1", A);

    assertEquals(List.of(), started(SESSION, "sbx_1", A));
    assertEquals("sbx_1", sandboxOf(A));
    stopped(SESSION, "sbx_1");
    assertEquals(List.of(), stopped(SESSION, "sbx_1"));
  }

  @Test
  void above_the_limit_the_one_that_started_first_is_forgotten() {
    started(SESSION, "sbx_1", A);
    started(OTHER, "sbx_2", B);
    take(event(Type.ACCESS_CHANGED, SESSION, "sbx_1", access(A, "vlt_1")));

    assertEquals(List.of(A), started(SessionId.random(3), "sbx_3", "c".repeat(64)));
    assertEquals(2, sandboxes.size());
    assertEquals("sbx_2", sandboxOf(B));
  }
}
