package io.steward.sandbox;

import io.smallrye.config.ConfigMapping;
import io.steward.schemas.blob.s3.S3Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The configuration of the service. Keys are public; defaults are in
/// `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "sandbox")
public interface SandboxSettings {
  /// `auto`, `bubblewrap`, `kubernetes`, `process` or `none`. Environment: `STEWARD_SANDBOX`.
  String driver();

  /// Directory with a directory per session. Environment: `STEWARD_SANDBOX_DIR`.
  Path dir();

  /// Directory of the blob store, when it is in no bucket. Environment: `STEWARD_BLOB_DIR`.
  Path blobDir();

  /// The bucket blobs are in. Environment: `STEWARD_BLOB_S3_…`.
  S3Settings blobS3();

  /// Kafka. Environment: `KAFKA_BOOTSTRAP_SERVERS`.
  String bootstrapServers();

  /// Where the egress proxy listens, `host:port`. Without it sandboxes have no network.
  /// Environment: `STEWARD_EGRESS_PROXY`.
  Optional<String> egressProxy();

  /// How long a sandbox lives that nobody uses; its files stay.
  Duration idle();

  /// Sandboxes that live at once, from 1.
  int sandboxesMax();

  /// How long a sandbox lives that was prepared for a call that never came.
  Duration preparedIdle();

  /// Sandboxes that are prepared at once, from 1; what is more is left out.
  int preparationsMax();

  /// Calls that run at once, from 1.
  int callsMax();

  /// Commands that are read and not yet journalled, from 1.
  int commandsOpenMax();

  /// Wall clock of a call that asks for none; at most ten minutes.
  Duration timeout();

  /// How long a stopped shell may take to end before its sandbox is ended.
  Duration stopGrace();

  /// Bytes of memory of one sandbox.
  long memoryBytesMax();

  /// Processes and threads of one sandbox, more than 32.
  int processesMax();

  /// Bytes a session may keep on disk.
  long workspaceBytesMax();

  /// Files a session may keep on disk.
  long workspaceFilesMax();

  /// Bytes of the largest file that is published from the outputs directory.
  long outputsFileBytesMax();

  /// Files a session may publish over its life, from 1.
  int outputsFilesMax();

  /// Bytes a session may publish over its life, every version of a file counted.
  long outputsBytesMax();

  /// Bytes of `/tmp`, which counts as memory.
  long tmpBytesMax();

  /// Bytes of a long output that are kept in a file.
  long outputFileBytesMax();

  /// How long the journal keeps answered calls; longer than `sandbox-commands` keeps records.
  Duration journalKept();

  /// How long files are kept that a session does not use: days (`30d`), or `forever`.
  String workspaceKept();

  /// Directories of this machine that sandboxes see read-only beside the system's.
  Optional<List<Path>> readOnlyPaths();

  /// How long calls that run may take to end when the service is told to stop. Then they are ended.
  Duration drain();

  /// How long another instance of this service may be silent before its calls are answered as lost.
  Duration instanceSilence();

  /// How long a call waits for a database or blob store that does not answer, before it fails
  /// because its files cannot be restored or mounted.
  Duration storeWait();

  /// Save points of what a session keeps on disk.
  SaveSettings savePoints();

  /// What save points may cost. Keys `sandbox.save-points.…`.
  interface SaveSettings {
    /// Bytes of all files of a session, sparse files and hard links counted in full. Above it no
    /// save point is made.
    long bytesMax();

    /// Files, directories and symlinks of a session. Above it no save point is made.
    long filesMax();

    /// Wall clock of one save.
    Duration timeout();

    /// Saves that run at once, from 1.
    int atOnce();

    /// How long the next call of a session waits for a save.
    Duration patience();
  }

  /// Sandboxes in pods.
  KubernetesSettings kubernetes();

  /// Packages of environments.
  PackageSettings packages();

  /// How packages of environments are installed and kept. Keys `sandbox.packages.…`.
  interface PackageSettings {
    /// Directory of the cache. One service at a time may use it.
    Path dir();

    /// Wall clock of installing one environment's packages.
    Duration timeout();

    /// Bytes on disk of one environment's packages, with what installers need meanwhile.
    long bytesMax();

    /// Environments that are installed at once, from 1.
    int buildsMax();

    /// Bytes of all that is kept; the longest unused goes first.
    long cacheBytesMax();

    /// How many environments' packages are kept, from 1.
    int cacheEntriesMax();

    /// How long a failed installation is answered without another try.
    Duration failureKept();

    /// Names of variables of this service that installers get, where they are set: proxies,
    /// registries, certificates. Sandboxes do not get them.
    Optional<List<String>> environment();

    /// Files and directories of this machine that installers see read-only, each `/path` or
    /// `/path:/inside`. Sandboxes do not see them.
    Optional<List<String>> files();
  }
}
