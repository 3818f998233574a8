package io.steward.sandbox;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.sandbox.call.DiskWatch;
import io.steward.sandbox.call.Sandboxes;
import io.steward.sandbox.call.SessionFiles;
import io.steward.sandbox.call.SilentInstances;
import io.steward.sandbox.call.ToolCalls;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.egress.KnownVaults;
import io.steward.sandbox.egress.ProxyAddress;
import io.steward.sandbox.egress.ProxyWaysOut;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.journal.PostgresJournal;
import io.steward.sandbox.kubernetes.PostgresInstances;
import io.steward.sandbox.mount.Mounts;
import io.steward.sandbox.output.OutputLimits;
import io.steward.sandbox.output.Outputs;
import io.steward.sandbox.save.PostgresHeads;
import io.steward.sandbox.save.PostgresWorkspaces;
import io.steward.sandbox.save.Retention;
import io.steward.sandbox.save.SaveLimits;
import io.steward.sandbox.save.SavePoints;
import io.steward.sandbox.tool.Toolset;
import io.steward.sandbox.topic.KafkaOutbox;
import io.steward.sandbox.topic.SandboxCommands;
import io.steward.sandbox.topic.VaultTail;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.s3.BlobStores;
import io.steward.schemas.instance.OwnedDirectory;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordLoop;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.trace.Tracing;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Puts the parts together when the service starts and takes them apart when it stops.
@ApplicationScoped
class SandboxService {
  private static final Logger LOG = Logger.getLogger(SandboxService.class);

  /// How long calls that were ended with their sandboxes may take to be answered.
  private static final Duration ANSWER_MAX = Duration.ofSeconds(2);

  private final SandboxSettings settings;
  private final DataSource database;
  private final MeterRegistry meters;
  private final ServiceCounts counts;
  private final Tracing tracing;
  private volatile @Nullable Parts parts;

  private record Parts(
      OwnedDirectory directory,
      ParentThread parent,
      KubernetesChoice cluster,
      Sandboxes sandboxes,
      ToolCalls calls,
      Outputs outputs,
      Optional<VaultTail> vaults,
      RecordSender sender,
      RecordLoop loop,
      Housekeeping housekeeping) {}

  SandboxService(SandboxSettings settings, DataSource database, MeterRegistry meters) {
    this.settings = settings;
    this.database = database;
    this.meters = meters;
    this.counts = new ServiceCounts(meters);
    this.tracing = Tracing.open("sandbox");
  }

  void start(@Observes StartupEvent event) throws IOException {
    InstantSource clock = InstantSource.system();
    OwnedDirectory directory = OwnedDirectory.hold(settings.dir(), "sbxo_");
    ParentThread parent = new ParentThread();
    KubernetesChoice cluster =
        new KubernetesChoice(
            settings,
            directory.owner(),
            new PostgresInstances(database),
            new PodMeters(meters),
            clock);
    SandboxDriver driver = new DriverChoice(settings, parent, cluster::driver).driver();
    BlobStore blobs = BlobStores.open(settings.blobDir(), settings.blobS3());
    RecordFormat format = new RecordFormat(blobs);
    RecordSender sender = KafkaOutbox.sender(settings.bootstrapServers());
    KafkaOutbox outbox = new KafkaOutbox(sender, format, clock);
    Outputs outputs = outputs(blobs, outbox, clock);
    SavePoints.Parts saveParts = saveParts(blobs, clock);
    SavePoints saves = new SavePoints(saveParts, counts);
    KnownVaults known = new KnownVaults();
    Optional<ProxyAddress> proxy = new EgressChoice(settings).proxy(driver.name());
    Optional<VaultTail> vaults =
        proxy.map(_ -> new VaultTail(settings.bootstrapServers(), format, known));
    Sandboxes sandboxes =
        new Sandboxes(
            driver,
            new PackageChoice(settings, parent, clock, System.getenv()).packages(driver.name()),
            proxy.isPresent() && vaults.isPresent()
                ? new ProxyWaysOut(proxy.get(), known, vaults.get())
                : WaysOut.NONE,
            new SessionFiles.Exchange(mounts(blobs), outputs, saves),
            settings.dir(),
            limits(),
            outbox,
            clock);
    PostgresJournal journal = new PostgresJournal(database);
    ToolCalls calls =
        new ToolCalls(
            sandboxes,
            new Toolset(new Toolset.ToolLimits(settings.timeout(), settings.outputFileBytesMax())),
            journal,
            outbox,
            clock,
            new ToolCalls.Identity(directory.owner(), settings.callsMax()),
            counts);
    RecordLoop loop =
        new RecordLoop(
            new RecordLoop.Settings(
                settings.bootstrapServers(),
                Topics.SANDBOX_COMMANDS,
                "sandbox",
                directory.owner(),
                settings.commandsOpenMax()),
            format,
            new SandboxCommands(calls, tracing),
            sender);
    Retention retention =
        new Retention(
            saves, saveParts, Retention.parse(settings.workspaceKept()), sandboxes::sessions);
    Housekeeping housekeeping =
        housekeeping(sandboxes, calls, outbox, journal, retention, directory.owner(), clock);
    parts =
        new Parts(
            directory,
            parent,
            cluster,
            sandboxes,
            calls,
            outputs,
            vaults,
            sender,
            loop,
            housekeeping);
    ServiceCounts.watch(meters, loop);
    ServiceCounts.watch(meters, sandboxes);
    vaults.ifPresent(VaultTail::start);
    loop.start();
    housekeeping.start();
    var _ = Thread.ofVirtual().name("outputs-left").start(outputs::lookAtAll);
  }

  private Sandboxes.Limits limits() {
    return new Sandboxes.Limits(
        settings.idle(),
        settings.sandboxesMax(),
        settings.preparedIdle(),
        settings.preparationsMax());
  }

  private Mounts mounts(BlobStore blobs) {
    return new Mounts(
        blobs,
        new Mounts.Limits(
            settings.workspaceBytesMax(), settings.workspaceFilesMax(), settings.storeWait()));
  }

  private Outputs outputs(BlobStore blobs, KafkaOutbox outbox, InstantSource clock) {
    OutputLimits limits =
        new OutputLimits(
            settings.outputsFileBytesMax(), settings.outputsFilesMax(), settings.outputsBytesMax());
    return new Outputs(settings.dir(), blobs, outbox, clock, limits);
  }

  private Housekeeping housekeeping(
      Sandboxes sandboxes,
      ToolCalls calls,
      KafkaOutbox outbox,
      Journal journal,
      Retention retention,
      String owner,
      InstantSource clock) {
    return new Housekeeping(
        sandboxes,
        calls,
        outbox::tell,
        new DiskWatch(sandboxes, settings.workspaceBytesMax(), settings.workspaceFilesMax()),
        journal,
        new SilentInstances(journal, calls, owner, settings.instanceSilence(), clock),
        retention,
        settings.journalKept(),
        clock);
  }

  private SavePoints.Parts saveParts(BlobStore blobs, InstantSource clock) {
    SandboxSettings.SaveSettings wanted = settings.savePoints();
    return new SavePoints.Parts(
        settings.dir(),
        blobs,
        new PostgresHeads(database),
        new PostgresWorkspaces(database),
        clock,
        new SaveLimits(
            wanted.bytesMax(),
            wanted.filesMax(),
            wanted.timeout(),
            wanted.atOnce(),
            wanted.patience(),
            settings.storeWait()));
  }

  void stop(@Observes ShutdownEvent event) throws IOException {
    Parts running = parts;
    if (running == null) {
      return;
    }
    running.calls().refuseMore();
    running.loop().close();
    int left = running.calls().awaitAnswered(settings.drain());
    if (left > 0) {
      LOG.warnf(
          "the service stops and ends %d calls that still run after %s", left, settings.drain());
    }
    running.sandboxes().closeAll("the sandbox service was stopped");
    int unanswered = running.calls().awaitAnswered(ANSWER_MAX);
    if (unanswered > 0) {
      LOG.warnf("%d calls are not answered yet; the next start does it", unanswered);
    }
    running.calls().close();
    running.housekeeping().close();
    running.outputs().close();
    running.vaults().ifPresent(VaultTail::close);
    running.sender().close();
    tracing.close();
    running.cluster().close();
    running.parent().close();
    running.directory().close();
  }

  /// Whether commands are read.
  boolean isReading() {
    Parts running = parts;
    return running != null && running.loop().isReading();
  }
}
