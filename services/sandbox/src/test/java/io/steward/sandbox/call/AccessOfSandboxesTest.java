package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.KnownVaults;
import io.steward.sandbox.egress.ProxyAddress;
import io.steward.sandbox.egress.ProxyWaysOut;
import io.steward.sandbox.journal.InMemoryJournal;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.tool.Toolset;
import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.vault.Placeholders;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// What is told of sandboxes with a way out, with real shells.
@Timeout(60)
class AccessOfSandboxesTest {
  private static final String WORKSPACE = "wrkspc_default";
  private static final SandboxLimits LIMITS =
      new SandboxLimits(1L << 30, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));
  private static final SandboxNetwork WIDER =
      new SandboxNetwork(List.of("https://mcp.example.com/"), List.of("vlt_1"), List.of());

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final SessionId session = SessionId.random(0);
  private final RecordingOutbox outbox = new RecordingOutbox();
  private final ParentThread parent = new ParentThread();
  private final KnownVaults vaults = new KnownVaults();
  private @Nullable Sandboxes sandboxes;
  private Duration later = Duration.ZERO;

  @BeforeEach
  void knowAuthority() {
    vaults.trust(new SandboxAuthority("pem", Instant.EPOCH));
  }

  @AfterEach
  void closeAll() throws IOException {
    if (sandboxes != null) {
      sandboxes.closeAll("the test ended");
    }
    parent.close();
    Trees.remove(root);
  }

  private ToolCalls calls() {
    Sandboxes all =
        new Sandboxes(
            new ProcessDriver(root, LIMITS, parent),
            EnvironmentPackages.NOTHING,
            new ProxyWaysOut(new ProxyAddress("127.0.0.1", 8889), vaults, _ -> true),
            TestExchange.of(root, new DirectoryBlobStore(root.resolve("blobs")), outbox),
            root,
            new Sandboxes.Limits(Duration.ofMinutes(15), 10),
            outbox,
            () -> Instant.now().plus(later));
    sandboxes = all;
    return new ToolCalls(
        all,
        new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(30), 1 << 20)),
        new InMemoryJournal(),
        outbox,
        InstantSource.system(),
        new ToolCalls.Identity("owner", 4),
        new CallTally());
  }

  private String run(ToolCalls calls, String command, String environment, SandboxNetwork network)
      throws InterruptedException {
    SandboxCommand.RunTool tool =
        new SandboxCommand.RunTool(
            session,
            Ids.random("sevt_"),
            "bash",
            Json.tree(Map.of("command", command)),
            "env_1",
            Json.tree(Map.of("type", environment)),
            null,
            List.of(),
            network);
    calls.run(tool, WORKSPACE, () -> {});
    return ((ContentBlock.Text) outbox.await(tool.toolUseId(), 1).content().getFirst()).text();
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void a_sandbox_is_told_of_with_its_access_and_holds_what_was_told() throws Exception {
    vaults.put(
        new VaultHead(
            "vlt_1", WORKSPACE, null, new VaultHead.Variables("salt", List.of("API_KEY"))));

    String variables = run(calls(), "echo $HTTPS_PROXY $API_KEY", "cloud", WIDER);

    String[] words = variables.split(" ");
    assertTrue(words[0].matches("http://sandbox:[A-Za-z0-9_-]{43}@127\\.0\\.0\\.1:8889"), words[0]);
    assertEquals(Placeholders.of("salt", session, "API_KEY"), words[1]);
    SandboxEvent event = outbox.announced().getFirst();
    assertEquals(SandboxEvent.Type.STARTED, event.type());
    String token = words[0].substring("http://sandbox:".length(), words[0].indexOf('@'));
    assertEquals(
        new SandboxAccess(sha256(token), WORKSPACE, new Unrestricted(), WIDER), event.access());
    assertTrue(!event.toString().contains(token));
    Path environment = root.resolve(session.value()).resolve("control/environment");
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(environment)));
  }

  @Test
  void only_another_network_is_told_again_under_the_same_token() throws Exception {
    ToolCalls calls = calls();

    run(calls, "true", "cloud", SandboxNetwork.NONE);
    run(calls, "true", "cloud", SandboxNetwork.NONE);
    run(calls, "true", "cloud", WIDER);
    run(calls, "true", "cloud", WIDER);

    assertEquals(List.of("sandbox.started", "sandbox.access_changed"), outbox.events());
    List<SandboxEvent> told = outbox.announced();
    SandboxAccess first = told.getFirst().access();
    SandboxAccess second = told.getLast().access();
    assertTrue(first != null && second != null);
    assertEquals(SandboxNetwork.NONE, first.network());
    assertEquals(WIDER, second.network());
    assertEquals(first.tokenSha256(), second.tokenSha256());
    assertEquals(told.getFirst().incarnation(), told.getLast().incarnation());
  }

  @Test
  void what_may_not_have_arrived_is_told_again_with_the_next_call() throws Exception {
    ToolCalls calls = calls();
    outbox.refuseAnnouncements(true);
    run(calls, "true", "cloud", WIDER);

    outbox.refuseAnnouncements(false);
    run(calls, "true", "cloud", WIDER);
    run(calls, "true", "cloud", WIDER);

    assertEquals(List.of("sandbox.started", "sandbox.access_changed"), outbox.events());
  }

  @Test
  void a_sandbox_in_use_is_told_of_again_after_a_day() throws Exception {
    ToolCalls calls = calls();
    run(calls, "true", "cloud", WIDER);

    later = Duration.ofHours(25);
    run(calls, "true", "cloud", WIDER);
    run(calls, "true", "cloud", WIDER);

    assertEquals(List.of("sandbox.started", "sandbox.access_changed"), outbox.events());
    assertEquals(outbox.announced().getFirst().access(), outbox.announced().getLast().access());
  }

  @Test
  void an_environment_without_a_network_has_no_access() throws Exception {
    ToolCalls calls = calls();

    String proxy = run(calls, "echo none${HTTPS_PROXY}", "self_hosted", WIDER);
    run(calls, "true", "self_hosted", SandboxNetwork.NONE);

    assertEquals("none", proxy);
    assertEquals(List.of("sandbox.started"), outbox.events());
    assertNull(outbox.announced().getFirst().access());
  }
}
