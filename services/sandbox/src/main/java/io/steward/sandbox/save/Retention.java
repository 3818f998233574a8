package io.steward.sandbox.save;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/// Removes the files of sessions that did not use them for long: save points, and the directories
/// of this instance. What was published stays; it belongs to the API.
public final class Retention {
  private static final Logger LOG = Logger.getLogger(Retention.class);

  /// Sessions that are looked at in one go.
  private static final int BATCH = 100;

  /// Batches of one round; the rest waits for the next one.
  private static final int BATCHES_MAX = 50;

  private static final String FOR_EVER = "forever";
  private static final Pattern DAYS = Pattern.compile("([1-9][0-9]{0,4})d");

  private final Path root;
  private final Workspaces workspaces;
  private final SavePoints saves;
  private final Optional<Duration> kept;
  private final Supplier<Set<SessionId>> live;

  /// @param kept how long unused files are kept; empty for ever
  /// @param live sessions that have a sandbox here, or soon
  public Retention(
      SavePoints saves,
      SavePoints.Parts parts,
      Optional<Duration> kept,
      Supplier<Set<SessionId>> live) {
    this.root = parts.root();
    this.workspaces = parts.workspaces();
    this.saves = saves;
    this.kept = kept;
    this.live = live;
  }

  /// Reads the setting `sandbox.workspace-kept`: `30d`, or `forever`. Less than a day would not be
  /// safe, because sandboxes that live say so once an hour.
  ///
  /// @throws IllegalArgumentException with a sentence when it is nothing of that
  public static Optional<Duration> parse(String text) {
    if (text.equals(FOR_EVER)) {
      return Optional.empty();
    }
    Matcher days = DAYS.matcher(text);
    if (!days.matches()) {
      throw new IllegalArgumentException(
          "sandbox.workspace-kept must be a number of days from 1d to 99999d, or forever, got "
              + text);
    }
    return Optional.of(Duration.ofDays(Long.parseLong(days.group(1))));
  }

  /// One round over everything.
  public void round() {
    try {
      List<SessionId> using = List.copyOf(live.get());
      for (int from = 0; from < using.size(); from += BATCH) {
        workspaces.using(using.subList(from, Math.min(from + BATCH, using.size())));
      }
      removeLeftovers();
      if (kept.isPresent()) {
        removeUnused(kept.get());
      }
      compareDirectories();
    } catch (IOException e) {
      LOG.warnf("retention of workspaces failed, it will be tried again: %s", e);
    }
  }

  private void removeUnused(Duration unusedFor) throws IOException {
    for (int batch = 0; batch < BATCHES_MAX; batch++) {
      List<SessionId> unused = workspaces.unused(unusedFor, BATCH);
      for (SessionId session : unused) {
        if (!live.get().contains(session)) {
          saves.removeUnused(session, unusedFor);
        }
      }
      if (unused.size() < BATCH) {
        return;
      }
    }
  }

  /// Blobs that an instance did not come to remove.
  private void removeLeftovers() throws IOException {
    for (Map.Entry<SessionId, Long> left : workspaces.leftovers(BATCH).entrySet()) {
      saves.removeBlobs(left.getKey(), left.getValue());
    }
  }

  /// Directories that nobody knows count as used from now on; those of sessions whose files another
  /// instance gave up are removed.
  private void compareDirectories() throws IOException {
    List<SessionId> batch = new ArrayList<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root, "sesn_*")) {
      for (Path directory : directories) {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
          SessionId.parse(directory.getFileName().toString()).ifPresent(batch::add);
        }
        if (batch.size() == BATCH) {
          compare(batch);
          batch.clear();
        }
      }
      compare(batch);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private void compare(List<SessionId> sessions) throws IOException {
    for (Map.Entry<SessionId, Long> known : workspaces.know(sessions).entrySet()) {
      SessionId session = known.getKey();
      Path service = SessionDirectory.of(root, session).service();
      if (Generation.read(service) < known.getValue() && !live.get().contains(session)) {
        saves.removeOutdated(session);
      }
    }
  }
}
