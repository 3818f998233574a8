package io.steward.sandbox;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The configuration of the service. Keys are public; defaults are in
/// `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "sandbox")
public interface SandboxSettings {
  /// `auto`, `bubblewrap`, `process` or `none`. Environment: `STEWARD_SANDBOX`.
  String driver();

  /// Directory with a directory per session. Environment: `STEWARD_SANDBOX_DIR`.
  Path dir();

  /// Directory of the blob store. Environment: `STEWARD_BLOB_DIR`.
  Path blobDir();

  /// Kafka. Environment: `KAFKA_BOOTSTRAP_SERVERS`.
  String bootstrapServers();

  /// How long a sandbox lives that nobody uses; its files stay.
  Duration idle();

  /// Sandboxes that live at once, from 1.
  int sandboxesMax();

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

  /// Bytes of `/tmp`, which counts as memory.
  long tmpBytesMax();

  /// Bytes of a long output that are kept in a file.
  long outputFileBytesMax();

  /// How long the journal keeps answered calls; longer than `sandbox-commands` keeps records.
  Duration journalKept();

  /// Directories of this machine that sandboxes see read-only beside the system's.
  Optional<List<Path>> readOnlyPaths();
}
