package io.steward.vaultproxy.repository;

import io.steward.vaultproxy.clone.CloneFailure;
import io.steward.vaultproxy.clone.CloneJob.Target;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Clones a repository.
public interface Cloner {
  /// The archive of a clone: a gzipped tar that names no credential. Reading it to its end is the
  /// clone; any read throws [CloneFailure] when it fails. The caller closes it, which ends a clone
  /// that still runs, whichever thread does it.
  ///
  /// @param url allowed, see [GitHosts]
  /// @param token for the host of the url, or null; not kept
  /// @throws CloneFailure when the clone cannot start
  /// @throws IOException when a process cannot be started or a directory not written
  InputStream clone(String url, byte @Nullable [] token, Target target) throws IOException;
}
