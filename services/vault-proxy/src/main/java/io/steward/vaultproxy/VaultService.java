package io.steward.vaultproxy;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.instance.OwnedDirectory;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordLoop;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.vaultproxy.clone.CloneJob;
import io.steward.vaultproxy.repository.Clones;
import io.steward.vaultproxy.repository.GitHosts;
import io.steward.vaultproxy.repository.PostgresCloneJournal;
import io.steward.vaultproxy.repository.ProcessCloner;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.seal.PostgresKeyStore;
import io.steward.vaultproxy.seal.VaultKeys;
import io.steward.vaultproxy.secret.PostgresSecrets;
import io.steward.vaultproxy.secret.SecretIntake;
import io.steward.vaultproxy.secret.SecretSweep;
import io.steward.vaultproxy.topic.EgressCommands;
import io.steward.vaultproxy.topic.KafkaOutbox;
import io.steward.vaultproxy.topic.SealedSecrets;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Puts the parts together when the service starts and takes them apart when it stops.
@ApplicationScoped
class VaultService {
  private final VaultSettings settings;
  private final GitSettings git;
  private final DataSource database;
  private final KeyEncryptionKey kek;
  private final VaultMetrics metrics;
  private volatile @Nullable Parts parts;

  private record Parts(
      OwnedDirectory directory,
      Clones clones,
      RecordSender sender,
      SecretSweep sweep,
      RecordLoop secrets,
      RecordLoop commands) {}

  VaultService(
      VaultSettings settings,
      GitSettings git,
      DataSource database,
      KeyEncryptionKey kek,
      VaultMetrics metrics) {
    this.settings = settings;
    this.git = git;
    this.database = database;
    this.kek = kek;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent event) throws IOException {
    InstantSource clock = InstantSource.system();
    VaultKeys keys = VaultKeys.load(kek, new PostgresKeyStore(database), clock.instant());
    OwnedDirectory directory = OwnedDirectory.hold(settings.dir(), "vlto_");
    BlobStore blobs = new DirectoryBlobStore(settings.blobDir());
    RecordFormat format = new RecordFormat(blobs);
    RecordSender sender = KafkaOutbox.sender(settings.bootstrapServers());
    KafkaOutbox outbox = new KafkaOutbox(sender, format, clock);
    PostgresSecrets secrets = new PostgresSecrets(database, keys.data(), clock);
    Clones clones =
        new Clones(
            new Clones.Parts(
                new GitHosts(git.hosts()),
                secrets,
                new PostgresCloneJournal(database, clock),
                cloner(),
                blobs,
                outbox),
            git.clonesMax(),
            settings.secretWait());
    Parts fresh =
        new Parts(
            directory,
            clones,
            sender,
            new SecretSweep(secrets, settings.secretKept(), clock),
            new RecordLoop(
                loop(Topics.SEALED_SECRETS, directory),
                format,
                new SealedSecrets(new SecretIntake(keys, secrets), keys.sealingKey(), outbox),
                sender),
            new RecordLoop(
                loop(Topics.EGRESS_COMMANDS, directory),
                format,
                new EgressCommands(clones),
                sender));
    parts = fresh;
    metrics.show(Topics.SEALED_SECRETS, fresh.secrets());
    metrics.show(Topics.EGRESS_COMMANDS, fresh.commands());
    metrics.show(clones);
    fresh.secrets().start();
    fresh.commands().start();
    fresh.sweep().start();
  }

  private RecordLoop.Settings loop(String topic, OwnedDirectory directory) {
    return new RecordLoop.Settings(
        settings.bootstrapServers(),
        topic,
        "vault-proxy." + topic,
        directory.owner(),
        settings.recordsOpenMax());
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
    running.secrets().stop();
    running.commands().stop();
    running.secrets().close();
    running.commands().close();
    running.sender().close();
    running.sweep().close();
    running.directory().close();
  }

  /// Whether the sealing key is published and both topics are read.
  boolean isReading() {
    Parts running = parts;
    return running != null && running.secrets().isReading() && running.commands().isReading();
  }
}
