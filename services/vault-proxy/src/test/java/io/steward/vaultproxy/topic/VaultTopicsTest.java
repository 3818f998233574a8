package io.steward.vaultproxy.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.DeadLetter;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordLoop;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.secret.SealedSecret;
import io.steward.schemas.secret.SealingKey;
import io.steward.schemas.trace.Tracing;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.stage.Broker;
import io.steward.vaultproxy.call.Calls;
import io.steward.vaultproxy.call.LongTexts;
import io.steward.vaultproxy.call.PostgresCallJournal;
import io.steward.vaultproxy.clone.CloneJob;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.mcp.McpCommands;
import io.steward.vaultproxy.mcp.McpLimits;
import io.steward.vaultproxy.mcp.McpServers;
import io.steward.vaultproxy.oauth.CredentialTokens;
import io.steward.vaultproxy.oauth.Refreshes;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.repository.Clones;
import io.steward.vaultproxy.repository.GitHosts;
import io.steward.vaultproxy.repository.PostgresCloneJournal;
import io.steward.vaultproxy.repository.ProcessCloner;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.seal.PostgresKeyStore;
import io.steward.vaultproxy.seal.VaultKeys;
import io.steward.vaultproxy.secret.PostgresSecrets;
import io.steward.vaultproxy.secret.SecretIntake;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.GitServer;
import io.steward.vaultproxy.stage.McpSite;
import io.steward.vaultproxy.stage.RecordedUses;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresTokens;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.transport.PinnedHttp;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.Vault;
import io.steward.vaultproxy.web.WebFetch;
import io.steward.vaultproxy.web.WebLimits;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole way on real parts: the published key, a sealed token, a command, an archive.
class VaultTopicsTest {
  private static final int PARTITIONS = 4;
  private static final Vertx VERTX = Vertx.vertx();
  private static final SandboxAuthority AUTHORITY =
      new SandboxAuthority("a certificate", Instant.parse("2026-01-02T03:04:05.678Z"));

  @TempDir Path directory;

  @AfterAll
  static void stopVertx() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  /// An instance of the service without its HTTP edge.
  private record Instance(
      Clones clones,
      Calls calls,
      McpServers servers,
      RecordSender sender,
      RecordLoop secrets,
      RecordLoop commands)
      implements AutoCloseable {
    @Override
    public void close() {
      clones.close();
      calls.close();
      servers.close();
      secrets.close();
      commands.close();
      sender.close();
    }
  }

  private Instance start(String kafka, Database database, GitServer git, Path authority)
      throws Exception {
    InstantSource clock = InstantSource.system();
    DirectoryBlobStore blobs = new DirectoryBlobStore(directory.resolve("blobs"));
    RecordFormat format = new RecordFormat(blobs);
    VaultKeys keys =
        VaultKeys.load(
            KeyEncryptionKey.read(Sealing.kek(directory, 7)),
            new PostgresKeyStore(database.source()),
            clock.instant());
    PostgresSecrets secrets = new PostgresSecrets(database.source(), keys.data(), clock);
    RecordSender sender = KafkaOutbox.sender(kafka);
    KafkaOutbox outbox = new KafkaOutbox(sender, format, clock);
    ProcessCloner cloner =
        new ProcessCloner(
            new ProcessCloner.Settings(
                directory.resolve("clones"),
                authority,
                new CloneJob.Limits(10_000_000, 1000, 20),
                Duration.ofMinutes(1),
                128));
    Clones clones =
        new Clones(
            new Clones.Parts(
                new GitHosts(List.of(git.host())),
                secrets,
                new PostgresCloneJournal(database.source(), clock),
                cloner,
                blobs,
                outbox,
                RecordedUses.audit()),
            2,
            Duration.ofSeconds(20));
    Calls calls =
        new Calls(
            new PostgresCallJournal(new Transactions(database.source())),
            outbox,
            new LongTexts(blobs),
            clock,
            new Calls.Settings("instance-1", Duration.ofMinutes(1), 8, 8));
    McpServers servers = servers(database);
    McpCommands mcp = new McpCommands(servers, calls, outbox);
    Instance instance =
        new Instance(
            clones,
            calls,
            servers,
            sender,
            new RecordLoop(
                loop(kafka, Topics.SEALED_SECRETS),
                format,
                new SealedSecrets(
                    new SecretIntake(keys, secrets), keys.sealingKey(), AUTHORITY, outbox),
                sender),
            new RecordLoop(
                loop(kafka, Topics.EGRESS_COMMANDS),
                format,
                new EgressCommands(
                    clones,
                    mcp,
                    calls,
                    web(),
                    _ -> SearchOutcome.unavailable("Not here."),
                    Tracing.off()),
                sender));
    instance.secrets().start();
    instance.commands().start();
    return instance;
  }

  private PostgresCredentials credentials(Database database) throws Exception {
    return new PostgresCredentials(new Transactions(database.source()), keys());
  }

  private DataKeys keys() throws Exception {
    return new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, 7)));
  }

  private static CheckedAddresses addresses() {
    return new CheckedAddresses(
        _ -> List.of(InetAddress.ofLiteral("127.0.0.1")), AddressPolicy.parse("127.0.0.1"));
  }

  private McpServers servers(Database database) throws Exception {
    McpLimits limits = McpLimits.usual(Duration.ofSeconds(30));
    PostgresTokens tokens = new PostgresTokens(new Transactions(database.source()), keys());
    InstantSource clock = InstantSource.system();
    Refreshes refreshes =
        new Refreshes(
            tokens,
            new PinnedClient(VERTX, addresses(), Duration.ofSeconds(5), null),
            RecordedUses.audit(),
            new SimpleMeterRegistry());
    return new McpServers(
        limits,
        new PinnedHttp(VERTX, addresses(), limits.transport(), 20, null),
        new CredentialTokens(tokens, refreshes, clock),
        RecordedUses.audit());
  }

  private WebFetch web() {
    return new WebFetch(
        VERTX, addresses(), WebLimits.usual(), directory.resolve("documents"), null);
  }

  private static RecordLoop.Settings loop(String kafka, String topic) {
    return new RecordLoop.Settings(kafka, topic, "vault-proxy." + topic, "instance-1", 10);
  }

  @Test
  void a_sealed_token_clones_a_private_repository_and_a_restart_goes_on() throws Exception {
    Path root = Files.createDirectories(directory.resolve("git"));
    Files.createDirectories(directory.resolve("blobs"));
    GitServer.Identity identity = GitServer.Identity.make(directory);
    GitServer.repository(
        root,
        "thing",
        tree -> {
          Files.writeString(tree.resolve("file"), "content\n");
          GitServer.run(tree, "git", "add", ".");
          GitServer.run(tree, "git", "commit", "-q", "-m", "one");
        });
    SessionId session = SessionId.random(3);
    try (Broker broker =
            Broker.start(Files.createDirectories(directory.resolve("kafka")), PARTITIONS);
        Database database = Database.start();
        GitServer git = GitServer.start(identity, root);
        Wire wire = new Wire(broker.address())) {
      SealingKey key;
      try (Instance _ = start(broker.address(), database, git, identity.certificate())) {
        ConsumerRecord<String, byte[]> published = wire.next(Topics.VAULTS, 0, 0);
        assertEquals(SealingKey.RECORD_KEY, published.key());
        assertEquals(SealingKey.TYPE, wire.type(published));
        key = Json.read(published.value(), SealingKey.class);
        ConsumerRecord<String, byte[]> authority = wire.next(Topics.VAULTS, 0, 1);
        assertEquals(SandboxAuthority.RECORD_KEY, authority.key());
        assertEquals(SandboxAuthority.TYPE, wire.type(authority));
        assertEquals(AUTHORITY, Json.read(authority.value(), SandboxAuthority.class));

        // The command comes before the secret it names.
        wire.send(session, clone(session, git, "1"));
        SealedSecret sealed = Sealing.seal(key, "secret_1", session, git.host(), GitServer.TOKEN);
        wire.send(
            new SealedSecret(
                "secret_2",
                sealed.workspaceId(),
                session,
                sealed.keyId(),
                git.host(),
                sealed.ciphertext(),
                sealed.createdAt()));
        wire.send(sealed);
        assertResult(wire.next(Topics.TOOL_RESULTS, session.partition(), 0), session, "1", wire);

        ConsumerRecord<String, byte[]> letter =
            wire.next(Topics.deadLetter(Topics.SEALED_SECRETS), 0, 0);
        assertEquals("secret_2", letter.key());
        assertEquals(
            "the ciphertext does not belong to this id, workspace, session and host",
            new String(
                letter.headers().lastHeader(DeadLetter.REASON_HEADER).value(),
                StandardCharsets.UTF_8));
      }
      try (Instance _ = start(broker.address(), database, git, identity.certificate())) {
        assertEquals(key, Json.read(wire.next(Topics.VAULTS, 0, 2).value(), SealingKey.class));
        wire.send(session, clone(session, git, "2"));
        assertResult(wire.next(Topics.TOOL_RESULTS, session.partition(), 1), session, "2", wire);

        wire.send(session, new EgressCommand.ForgetSession(session));
        wire.send(session, clone(session, git, "3"));
        wire.send(
            SessionId.random(3), "{\"type\":\"egress.unknown\"}".getBytes(StandardCharsets.UTF_8));
        assertEquals(
            "the body is not a command this service knows",
            new String(
                wire.next(Topics.deadLetter(Topics.EGRESS_COMMANDS), 0, 0)
                    .headers()
                    .lastHeader(DeadLetter.REASON_HEADER)
                    .value(),
                StandardCharsets.UTF_8));
        wire.awaitCommitted("vault-proxy.egress-commands", Topics.EGRESS_COMMANDS, 3, 5);
        assertEquals("0", database.ask("SELECT count(*) FROM vault_proxy.session_secret"));
      }
      assertFalse(wire.everything().contains("canary"), "the token is on no topic");
    }
  }

  @Test
  void the_tools_of_a_server_are_listed_and_called_once_with_the_token_of_a_vault()
      throws Exception {
    Files.createDirectories(directory.resolve("blobs"));
    SessionId session = SessionId.random(2);
    GitServer.Identity identity = GitServer.Identity.make(directory);
    try (Broker broker =
            Broker.start(Files.createDirectories(directory.resolve("kafka")), PARTITIONS);
        Database database = Database.start();
        GitServer git =
            GitServer.start(identity, Files.createDirectories(directory.resolve("git")));
        McpSite site = McpSite.start();
        Wire wire = new Wire(broker.address())) {
      site.requireToken("canary-mcp-token");
      site.result("tools/call", "{'content':[{'type':'text','text':'canary-mcp-token'}]}");
      List<String> vaults = List.of("vlt_none", vault(database, site.url()));
      EgressCommand call =
          new EgressCommand.CallMcpTool(
              session,
              "sevt_1",
              "site",
              site.url(),
              "echo",
              Json.tree("{}".getBytes(StandardCharsets.UTF_8)),
              vaults);
      try (Instance _ = start(broker.address(), database, git, identity.certificate())) {
        wire.send(
            session,
            new EgressCommand.ListMcpTools(session, "site", site.url(), "attempt-1", vaults));
        ConsumerRecord<String, byte[]> listed =
            wire.next(Topics.TOOL_RESULTS, session.partition(), 0);
        assertEquals(McpToolList.TYPE, wire.type(listed));
        McpToolList list = Json.read(listed.value(), McpToolList.class);
        assertEquals("attempt-1", list.attempt());
        assertEquals(
            List.of("echo"),
            Objects.requireNonNull(list.tools()).stream().map(McpTool::name).toList());

        wire.send(session, call);
        wire.send(session, call);
        ToolResult result = called(wire, session, 1);
        assertEquals(List.of(new ContentBlock.Text("[secret]")), result.content());
        wire.awaitCommitted(
            "vault-proxy.egress-commands", Topics.EGRESS_COMMANDS, session.partition(), 3);

        wire.send(session, new EgressCommand.CancelCalls(session, List.of("sevt_1", "sevt_2")));
        ToolResult last = result;
        for (int offset = 2; !last.toolUseId().equals("sevt_2"); offset++) {
          last = called(wire, session, offset);
        }
        assertEquals(ToolResult.Outcome.CANCELED, last.outcome());
        assertEquals(1, site.seen("tools/call").size());
        wire.send(session, new EgressCommand.ForgetSession(session));
        wire.awaitCommitted(
            "vault-proxy.egress-commands", Topics.EGRESS_COMMANDS, session.partition(), 5);
        assertEquals(
            "0",
            database.ask("SELECT count(*) FROM vault_proxy.egress_call WHERE result IS NOT NULL"));
      }
      assertFalse(wire.everything().contains("canary"), "the token is on no topic");
    }
  }

  private ToolResult called(Wire wire, SessionId session, long offset) {
    ConsumerRecord<String, byte[]> record =
        wire.next(Topics.TOOL_RESULTS, session.partition(), offset);
    assertEquals(ToolResult.TYPE, wire.type(record));
    return Json.read(record.value(), ToolResult.class);
  }

  /// A vault with a token for a server.
  private String vault(Database database, String url) throws Exception {
    Instant now = Instant.now();
    Vault vault =
        new PostgresVaults(new Transactions(database.source()), keys())
            .create(new Vault(Ids.random("vlt_"), "Ada", Map.of(), now, now, null));
    String auth =
        "{'auth':{'type':'static_bearer','mcp_server_url':'%s/','token':'canary-mcp-token'}}"
            .formatted(url);
    var _ =
        credentials(database)
            .create(
                CredentialRules.create(
                    Json.tree(McpSite.json(auth).getBytes(StandardCharsets.UTF_8)),
                    Ids.random("vcrd_"),
                    vault.id(),
                    now));
    return vault.id();
  }

  private static EgressCommand clone(SessionId session, GitServer git, String attempt) {
    return new EgressCommand.CloneRepository(
        session, "sesrsc_01x", attempt, git.url("private/thing"), null, "secret_1");
  }

  private void assertResult(
      ConsumerRecord<String, byte[]> record, SessionId session, String attempt, Wire wire) {
    assertEquals(session.value(), record.key());
    assertEquals(RepositoryResult.TYPE, wire.type(record));
    RepositoryResult result = Json.read(record.value(), RepositoryResult.class);
    String key = session + "/repositories/sesrsc_01x-" + attempt;
    assertEquals(new RepositoryResult(session, "sesrsc_01x", attempt, key, null, null), result);
    assertTrue(directory.resolve("blobs").resolve(key).toFile().length() > 0);
  }
}
