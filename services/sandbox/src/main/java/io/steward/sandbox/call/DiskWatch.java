package io.steward.sandbox.call;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.shim.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Ends sandboxes whose files outgrow their limit. Ordinary file systems have no quota for a
/// directory, so this measures: a sandbox may be over for as long as one round takes. One that is
/// over and shrinks is left alone, so that the agent can tidy up. One whose directory is gone is
/// ended, too.
public final class DiskWatch {
  private static final Logger LOG = Logger.getLogger(DiskWatch.class);

  private final Sandboxes sandboxes;
  private final long bytesMax;
  private final long filesMax;
  private Map<Sandbox, Trees.Usage> before = Map.of();

  /// @param bytesMax bytes a session may keep on disk
  /// @param filesMax files a session may keep
  public DiskWatch(Sandboxes sandboxes, long bytesMax, long filesMax) {
    this.sandboxes = sandboxes;
    this.bytesMax = bytesMax;
    this.filesMax = filesMax;
  }

  /// One round over all living sandboxes. Not for several threads.
  public void measure() {
    sandboxes.endWithoutDirectory();
    Map<SessionDirectory, Sandbox> live = sandboxes.live();
    if (live.isEmpty()) {
      before = Map.of();
      return;
    }
    Map<Sandbox, Trees.Usage> now = new HashMap<>();
    try {
      Map<Path, Trees.Usage> usages =
          Trees.usage(live.keySet().stream().map(SessionDirectory::path).toList());
      live.forEach((directory, sandbox) -> {
        Trees.Usage usage = usages.get(directory.path());
        if (usage != null) {
          now.put(sandbox, usage);
        }
      });
    } catch (IOException e) {
      LOG.debugf("disk usage could not be measured: %s", e);
    }
    now.forEach(this::judge);
    before = now;
  }

  private void judge(Sandbox sandbox, Trees.Usage now) {
    Trees.Usage earlier = before.get(sandbox);
    if (mustEnd(earlier, now)) {
      LOG.warnf(
          "sandbox ended because of its disk usage incarnation=%s bytes=%d files=%d",
          sandbox.incarnation(), now.bytes(), now.files());
      sandbox.end(
          "its files take %d bytes in %d files, more than the %d bytes and %d files it may have; delete some"
              .formatted(now.bytes(), now.files(), bytesMax, filesMax));
    }
  }

  boolean mustEnd(Trees.@Nullable Usage earlier, Trees.Usage now) {
    boolean over = now.bytes() > bytesMax || now.files() > filesMax;
    boolean grew =
        earlier == null
            ? now.bytes() > 2 * bytesMax
            : now.bytes() > earlier.bytes() || now.files() > earlier.files();
    return over && grew;
  }
}
