package io.steward.vaultproxy;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What may be cloned, and how far a clone may go. Keys are public; defaults are in
/// `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "steward.git")
public interface GitSettings {
  /// Hosts repositories are cloned from, `host` or `host:port`. Environment: `STEWARD_GIT_HOSTS`.
  List<String> hosts();

  /// PEM file with a certificate authority to trust beside the usual ones. Environment:
  /// `STEWARD_GIT_CA`.
  Optional<Path> ca();

  /// Clones that run at once, from 1; others wait.
  int clonesMax();

  /// Bytes of one clone: received and checked out, together.
  long bytesMax();

  /// Files and directories of one checkout.
  long filesMax();

  /// Wall clock of one clone.
  Duration timeout();

  /// How long a host may say nothing; whole seconds.
  Duration silence();

  /// Heap of one clone's process, in megabytes.
  int heapMegabytesMax();
}
