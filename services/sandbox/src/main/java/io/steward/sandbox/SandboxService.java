package io.steward.sandbox;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.sandbox.call.DiskWatch;
import io.steward.sandbox.call.Sandboxes;
import io.steward.sandbox.call.SessionFiles;
import io.steward.sandbox.call.ToolCalls;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.journal.PostgresJournal;
import io.steward.sandbox.mount.Mounts;
import io.steward.sandbox.output.OutputLimits;
import io.steward.sandbox.output.Outputs;
import io.steward.sandbox.tool.Toolset;
import io.steward.sandbox.topic.CommandLoop;
import io.steward.sandbox.topic.KafkaOutbox;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.kafka.RecordFormat;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Puts the parts together when the service starts and takes them apart when it stops.
@ApplicationScoped
class SandboxService {
  private final SandboxSettings settings;
  private final DataSource database;
  private volatile @Nullable Parts parts;

  private record Parts(
      OwnedDirectory directory,
      ParentThread parent,
      Sandboxes sandboxes,
      ToolCalls calls,
      Outputs outputs,
      KafkaOutbox outbox,
      CommandLoop loop,
      Housekeeping housekeeping) {}

  SandboxService(SandboxSettings settings, DataSource database) {
    this.settings = settings;
    this.database = database;
  }

  void start(@Observes StartupEvent event) throws IOException {
    InstantSource clock = InstantSource.system();
    OwnedDirectory directory = OwnedDirectory.hold(settings.dir());
    ParentThread parent = new ParentThread();
    SandboxDriver driver = new DriverChoice(settings, parent).driver();
    BlobStore blobs = new DirectoryBlobStore(settings.blobDir());
    RecordFormat format = new RecordFormat(blobs);
    KafkaOutbox outbox = new KafkaOutbox(settings.bootstrapServers(), format, clock);
    Outputs outputs =
        new Outputs(
            settings.dir(),
            blobs,
            outbox,
            clock,
            new OutputLimits(
                settings.outputsFileBytesMax(),
                settings.outputsFilesMax(),
                settings.outputsBytesMax()));
    Mounts mounts =
        new Mounts(
            blobs, new Mounts.Limits(settings.workspaceBytesMax(), settings.workspaceFilesMax()));
    Sandboxes sandboxes =
        new Sandboxes(
            driver,
            new PackageChoice(settings, parent, clock, System.getenv()).packages(driver.name()),
            new SessionFiles.Exchange(mounts, outputs),
            settings.dir(),
            new Sandboxes.Limits(settings.idle(), settings.sandboxesMax()),
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
            new ToolCalls.Identity(directory.owner(), settings.callsMax()));
    CommandLoop loop =
        new CommandLoop(
            new CommandLoop.Settings(
                settings.bootstrapServers(), directory.owner(), settings.commandsOpenMax()),
            format,
            calls,
            outbox);
    DiskWatch disk =
        new DiskWatch(sandboxes, settings.workspaceBytesMax(), settings.workspaceFilesMax());
    Housekeeping housekeeping =
        new Housekeeping(sandboxes, calls, disk, journal, settings.journalKept(), clock);
    parts = new Parts(directory, parent, sandboxes, calls, outputs, outbox, loop, housekeeping);
    loop.start();
    housekeeping.start();
    var _ = Thread.ofVirtual().name("outputs-left").start(outputs::lookAtAll);
  }

  void stop(@Observes ShutdownEvent event) throws IOException {
    Parts running = parts;
    if (running == null) {
      return;
    }
    running.calls().close();
    running.housekeeping().close();
    running.loop().close();
    running.sandboxes().closeAll("the service stopped");
    running.outputs().close();
    running.outbox().close();
    running.parent().close();
    running.directory().close();
  }

  /// Whether commands are read.
  boolean isReading() {
    Parts running = parts;
    return running != null && running.loop().isAssigned();
  }
}
