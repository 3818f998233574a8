package io.steward.vaultproxy;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.instance.OwnedDirectory;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordLoop;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.search.WebSearch;
import io.steward.schemas.trace.Tracing;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.call.Calls;
import io.steward.vaultproxy.call.LongTexts;
import io.steward.vaultproxy.call.PostgresCallJournal;
import io.steward.vaultproxy.clone.CloneJob;
import io.steward.vaultproxy.mcp.McpCommands;
import io.steward.vaultproxy.mcp.McpServers;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.repository.Clones;
import io.steward.vaultproxy.repository.GitHosts;
import io.steward.vaultproxy.repository.PostgresCloneJournal;
import io.steward.vaultproxy.repository.ProcessCloner;
import io.steward.vaultproxy.secret.PostgresSecrets;
import io.steward.vaultproxy.secret.SecretIntake;
import io.steward.vaultproxy.secret.SecretSweep;
import io.steward.vaultproxy.topic.EgressCommands;
import io.steward.vaultproxy.topic.KafkaOutbox;
import io.steward.vaultproxy.topic.SealedSecrets;
import io.steward.vaultproxy.web.WebFetch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Puts the parts together when the service starts and takes them apart when it stops.
@ApplicationScoped
class VaultService {
  /// How long another instance may be silent before its calls are given up.
  private static final Duration INSTANCE_SILENCE_MAX = Duration.ofSeconds(30);

  private final VaultSettings settings;
  private final GitSettings git;
  private final DataSource database;
  private final BlobStore blobs;
  private final RecordFormat format;
  private final InstallationKeys installation;
  private final VaultMetrics metrics;
  private final McpSettings mcp;
  private final McpServers servers;
  private final WebFetch web;
  private final Audit audit;
  private final WebSearch search;
  private final Tracing tracing;
  private volatile @Nullable Parts parts;

  /// @param secrets null when there is no key-encryption key
  private record Parts(
      OwnedDirectory directory,
      Clones clones,
      Calls calls,
      McpCommands mcp,
      RecordSender sender,
      SecretSweep sweep,
      @Nullable RecordLoop secrets,
      RecordLoop commands) {
    List<RecordLoop> loops() {
      return secrets == null ? List.of(commands) : List.of(secrets, commands);
    }
  }

  VaultService(
      VaultSettings settings,
      GitSettings git,
      DataSource database,
      BlobStore blobs,
      RecordFormat format,
      InstallationKeys installation,
      VaultMetrics metrics,
      McpSettings mcp,
      McpServers servers,
      WebFetch web,
      Audit audit,
      WebSearch search,
      Tracing tracing) {
    this.settings = settings;
    this.git = git;
    this.database = database;
    this.blobs = blobs;
    this.format = format;
    this.installation = installation;
    this.metrics = metrics;
    this.mcp = mcp;
    this.servers = servers;
    this.web = web;
    this.audit = audit;
    this.search = search;
    this.tracing = tracing;
  }

  void start(@Observes StartupEvent event) throws IOException {
    InstantSource clock = InstantSource.system();
    InstallationKeys.@Nullable Opened opened = installation.open().orElse(null);
    OwnedDirectory directory = OwnedDirectory.hold(settings.dir(), "vlto_");
    RecordSender sender = KafkaOutbox.sender(settings.bootstrapServers());
    KafkaOutbox outbox = new KafkaOutbox(sender, format, clock);
    PostgresSecrets secrets =
        new PostgresSecrets(database, opened == null ? null : opened.keys().data(), clock);
    Clones clones =
        new Clones(
            new Clones.Parts(
                new GitHosts(git.hosts()),
                secrets,
                new PostgresCloneJournal(database, clock),
                cloner(),
                blobs,
                outbox,
                audit),
            git.clonesMax(),
            settings.secretWait());
    Calls calls = calls(outbox, directory, clock);
    McpCommands commands = new McpCommands(servers, calls, outbox);
    Parts fresh =
        new Parts(
            directory,
            clones,
            calls,
            commands,
            sender,
            new SecretSweep(secrets, settings.secretKept(), clock),
            opened == null
                ? null
                : new RecordLoop(
                    loop(Topics.SEALED_SECRETS, directory, settings.recordsOpenMax()),
                    format,
                    sealed(opened, secrets, outbox),
                    sender),
            new RecordLoop(
                loop(
                    Topics.EGRESS_COMMANDS,
                    directory,
                    settings.recordsOpenMax() + mcp.callsOpenMax()),
                format,
                new EgressCommands(clones, commands, calls, web, search, tracing),
                sender));
    parts = fresh;
    metrics.show(Topics.EGRESS_COMMANDS, fresh.commands());
    metrics.show(clones);
    metrics.show(calls);
    metrics.show(servers);
    calls.start();
    RecordLoop sealed = fresh.secrets();
    if (sealed != null) { // Else they wait in their topic until the service starts with a key.
      metrics.show(Topics.SEALED_SECRETS, sealed);
      sealed.start();
    }
    fresh.commands().start();
    fresh.sweep().start();
  }

  private static SealedSecrets sealed(
      InstallationKeys.Opened opened, PostgresSecrets secrets, KafkaOutbox outbox) {
    return new SealedSecrets(
        new SecretIntake(opened.keys(), secrets),
        opened.keys().sealingKey(),
        opened.forSandboxes(),
        outbox);
  }

  private Calls calls(KafkaOutbox outbox, OwnedDirectory directory, InstantSource clock) {
    return new Calls(
        new PostgresCallJournal(new Transactions(database)),
        outbox,
        new LongTexts(blobs),
        clock,
        new Calls.Settings(
            directory.owner(), INSTANCE_SILENCE_MAX, mcp.callsMax(), mcp.callsPerSessionMax()));
  }

  private RecordLoop.Settings loop(String topic, OwnedDirectory directory, int openMax) {
    return new RecordLoop.Settings(
        settings.bootstrapServers(), topic, "vault-proxy." + topic, directory.owner(), openMax);
  }

  private ProcessCloner cloner() throws IOException {
    Path authority = git.ca().map(Path::toAbsolutePath).orElse(null);
    if (authority != null && !Files.isReadable(authority)) {
      throw new IllegalStateException(
          "steward.git.ca (STEWARD_GIT_CA) is " + authority + ", which cannot be read.");
    }
    return new ProcessCloner(
        new ProcessCloner.Settings(
            settings.dir().resolve("clones"),
            authority,
            new CloneJob.Limits(
                git.bytesMax(), git.filesMax(), Math.toIntExact(git.silence().toSeconds())),
            git.timeout(),
            git.heapMegabytesMax()));
  }

  void stop(@Observes ShutdownEvent event) throws IOException {
    Parts running = parts;
    if (running == null) {
      return;
    }
    running.clones().close();
    running.calls().close();
    running.mcp().close();
    servers.close();
    running.loops().forEach(RecordLoop::stop);
    running.loops().forEach(RecordLoop::close);
    running.sender().close();
    running.sweep().close();
    running.directory().close();
  }

  /// Whether the topics are read. Without a key-encryption key sealed secrets are left alone.
  boolean isReading() {
    Parts running = parts;
    return running != null && running.loops().stream().allMatch(RecordLoop::isReading);
  }
}
