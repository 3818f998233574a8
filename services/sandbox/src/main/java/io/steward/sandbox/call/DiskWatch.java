package io.steward.sandbox.call;

import io.steward.sandbox.driver.Commands;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.shim.Sandbox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
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
  private Map<Sandbox, Usage> before = Map.of();

  /// Bytes on disk and number of files.
  record Usage(long bytes, long files) {}

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
    Map<String, Long> bytes = du(live.keySet(), "--block-size=1");
    Map<String, Long> files = du(live.keySet(), "--inodes");
    Map<Sandbox, Usage> now = new HashMap<>();
    live.forEach((directory, sandbox) -> {
      Long bytesHere = bytes.get(directory.path().toString());
      Long filesHere = files.get(directory.path().toString());
      if (bytesHere != null && filesHere != null) {
        now.put(sandbox, new Usage(bytesHere, filesHere));
      }
    });
    now.forEach(this::judge);
    before = now;
  }

  private void judge(Sandbox sandbox, Usage now) {
    Usage earlier = before.get(sandbox);
    if (mustEnd(earlier, now)) {
      LOG.warnf(
          "sandbox ended because of its disk usage incarnation=%s bytes=%d files=%d",
          sandbox.incarnation(), now.bytes(), now.files());
      sandbox.end(
          "its files take %d bytes in %d files, more than the %d bytes and %d files it may have; delete some"
              .formatted(now.bytes(), now.files(), bytesMax, filesMax));
    }
  }

  boolean mustEnd(@Nullable Usage earlier, Usage now) {
    boolean over = now.bytes() > bytesMax || now.files() > filesMax;
    boolean grew =
        earlier == null
            ? now.bytes() > 2 * bytesMax
            : now.bytes() > earlier.bytes() || now.files() > earlier.files();
    return over && grew;
  }

  /// By directory. One that is gone is not in it.
  private static Map<String, Long> du(Collection<SessionDirectory> directories, String what) {
    List<String> command = new ArrayList<>(List.of("nice", "-n", "10", "du", "-s", what, "--"));
    directories.forEach(directory -> command.add(directory.path().toString()));
    Map<String, Long> totals = new HashMap<>();
    try {
      // Files that vanish meanwhile make it end with an error; the totals are there all the same.
      Commands.output(command)
          .text()
          .lines()
          .forEach(line -> {
            int tab = line.indexOf('\t');
            totals.put(line.substring(tab + 1), Long.parseLong(line.substring(0, tab)));
          });
    } catch (IOException e) {
      LOG.debugf("disk usage could not be measured: %s", e);
    }
    return totals;
  }
}
