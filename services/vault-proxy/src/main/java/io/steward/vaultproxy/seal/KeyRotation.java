package io.steward.vaultproxy.seal;

import io.steward.schemas.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Exchanges the key-encryption key while the service runs. It reads the file every few seconds,
/// which works for a file on a disk and for a Secret of Kubernetes alike; when it has changed its
/// keys are used from then on, and everything that older ones have wrapped is wrapped again with
/// the first. A file that cannot be used changes nothing: the keys that were read before stay in
/// use.
///
/// Every instance does so; they share the work. How far it is, is written to a report, for whoever
/// changed the file: a key can be thrown away once the report names the file without problem and
/// nothing older.
public final class KeyRotation implements AutoCloseable {
  /// Rows that are wrapped again in one transaction.
  static final int ROWS_MAX = 20;

  /// The file of the report, in the service's own directory.
  static final String REPORT = "key-rotation.json";

  private static final Logger LOG = Logger.getLogger(KeyRotation.class);
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /// Looks after one that met rows that do not open, before they are tried again.
  private static final int BROKEN_LOOKS = 30;

  private final KeyEncryptionKey kek;
  private final WrappingKeys wrapping;
  private final Path directory;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("key-rotation").factory());
  private int looksToSkip;
  private volatile Report report = new Report("", 0, null);

  /// What the file of the report holds, as JSON.
  ///
  /// @param fileSha256 of the key file that is in use
  /// @param old rows that are not wrapped with its first key yet
  /// @param problem a sentence when the file as it is now is not in use, or its first key is not
  ///   what rows are wrapped with; else null
  record Report(String fileSha256, long old, @Nullable String problem) {}

  /// @param directory for the report; made when it is not there
  public KeyRotation(KeyEncryptionKey kek, WrappingKeys wrapping, Path directory) {
    this.kek = kek;
    this.wrapping = wrapping;
    this.directory = directory;
  }

  /// Admits the keys that were read, and follows the file from now on. Nothing happens when the key
  /// is absent.
  ///
  /// @throws IllegalStateException with one sentence when they are not the keys of this database
  public void start() throws IOException {
    if (kek.isAbsent()) {
      LOG.warn(KeyEncryptionKey.absence().getMessage());
      return;
    }
    Files.createDirectories(directory);
    Files.deleteIfExists(directory.resolve(REPORT));
    wrapping.admit(kek.ring());
    var _ =
        thread.scheduleWithFixedDelay(this::round, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void round() {
    try {
      look();
    } catch (RuntimeException | IOException e) {
      LOG.warnf("the key-encryption key could not be looked after, later again: %s", e);
    }
  }

  /// Reads the file, and wraps again what has to be.
  void look() throws IOException {
    @Nullable String problem = readAgain();
    KeyRing ring = kek.ring();
    String newest = wrapping.newest();
    if (newest.equals(ring.primary())) {
      rewrap(ring);
    } else if (problem == null) {
      problem =
          "The first key in steward.vault.key-file is older than the key "
              + newest
              + " of another instance; put that one, or a fresh one, first.";
    }
    tell(new Report(ring.fileHash(), wrapping.retireBefore(newest), problem));
  }

  private void rewrap(KeyRing ring) {
    long before = wrapping.others(ring.primary());
    if (before == 0 || looksToSkip-- > 0) {
      return;
    }
    LOG.infof("%d keys are wrapped again with the key-encryption key %s", before, ring.primary());
    int broken = wrapping.rewrap(ring, ROWS_MAX, () -> !thread.isShutdown());
    looksToSkip = broken > 0 ? BROKEN_LOOKS : 0;
  }

  /// Uses the keys in the file when it has changed.
  ///
  /// @return a sentence when they cannot be used
  private @Nullable String readAgain() {
    try {
      KeyRing fresh = Objects.requireNonNull(kek.file()).read();
      if (!fresh.fileHash().equals(kek.ring().fileHash())) {
        wrapping.admit(fresh);
        kek.use(fresh);
        LOG.infof("the key-encryption keys were read again, %s is the first", fresh.primary());
      }
      return null;
    } catch (IllegalStateException e) {
      return e.getMessage() + " The keys that were read before stay in use.";
    }
  }

  private void tell(Report fresh) throws IOException {
    Report before = report;
    if (fresh.equals(before)) {
      return;
    }
    if (fresh.problem() != null && !fresh.problem().equals(before.problem())) {
      LOG.error(fresh.problem());
    }
    if (fresh.old() > 0 || before.old() > 0) {
      LOG.infof("%d keys are wrapped with older key-encryption keys", fresh.old());
    }
    report = fresh;
    Path draft = directory.resolve("." + REPORT);
    Files.write(draft, Json.bytes(fresh));
    Files.move(draft, directory.resolve(REPORT), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Whether no secret can be kept or used.
  public boolean isReadOnly() {
    return kek.isAbsent();
  }

  /// Rows that were not wrapped with the newest key when this was last looked at.
  public long old() {
    return report.old();
  }

  /// Whether the file as it is now is not in use.
  public boolean hasProblem() {
    return report.problem() != null;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
