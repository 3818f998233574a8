package io.steward.sandbox.output;

import io.steward.sandbox.driver.PinnedPath;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.sandbox.SandboxOutput;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The outputs of one session. Large files are copied beside the others, so that a small one never
/// waits for them.
final class SessionOutputs {
  private static final Logger LOG = Logger.getLogger(SessionOutputs.class);

  /// How long a file has to be left alone before it is taken while commands run.
  private static final long REST_MS = 500;

  /// How long after a version was published the next one is taken while commands run.
  private static final long AGAIN_MS = 10_000;

  /// Longer than the steps in which file systems tell times.
  private static final long TIME_STEP_MS = 50;

  private static final int TOLD_MAX = 100;

  private final SessionId session;
  private final SessionDirectory directory;
  private final Parts parts;
  private final OutputCopy copy;
  private final Consumer<SessionOutputs> retirement;
  private final Looks looks;
  private final Looks largeLooks;
  private final Set<String> told = new HashSet<>();
  private @Nullable OutputLedger ledger;
  private volatile @Nullable String workspaceId;
  private volatile boolean stopped;
  private volatile boolean retired;

  /// What all sessions share.
  record Parts(
      BlobStore blobs,
      OutputChannel channel,
      InstantSource clock,
      OutputLimits limits,
      Semaphore largeCopies) {}

  /// @param retirement hears of this object when it is no longer in use
  SessionOutputs(
      SessionId session,
      SessionDirectory directory,
      Parts parts,
      Consumer<SessionOutputs> retirement) {
    this.session = session;
    this.directory = directory;
    this.parts = parts;
    this.copy = new OutputCopy(session, parts.blobs(), parts.largeCopies(), () -> stopped);
    this.looks = new Looks("outputs-" + session, this::lookAtAll);
    this.largeLooks = new Looks("large-outputs-" + session, this::lookAtLarge);
    this.retirement = retirement;
  }

  /// Asks for a look that begins after now; done when it is through. Empty when this object is no
  /// longer in use.
  synchronized Optional<CompletableFuture<Void>> look(
      Optional<String> inWorkspace, Occasion occasion) {
    if (retired) {
      return Optional.empty();
    }
    workspaceId = inWorkspace.orElse(workspaceId);
    CompletableFuture<Void> done = looks.ask(occasion);
    return Optional.of(occasion == Occasion.AT_END ? done.thenRun(this::retireIfIdle) : done);
  }

  private void retireIfIdle() {
    synchronized (this) {
      // A forbidden one stays, so that nobody gets another for the session meanwhile.
      retired = !stopped && looks.isIdle() && largeLooks.isIdle();
    }
    if (retired) {
      retirement.accept(this);
    }
  }

  /// Done when no look runs that was asked for before.
  CompletableFuture<Void> rest() {
    return CompletableFuture.allOf(looks.rest(), largeLooks.rest());
  }

  /// Nothing more is begun, and what is being read is given up. A publication under way ends; when
  /// [#rest] is done, nothing is published any more. False when this object is no longer in use.
  synchronized boolean forbid() {
    stopped = true;
    return !retired;
  }

  /// Takes the small files itself and leaves the large ones to others, who take longer.
  private CompletableFuture<Void> lookAtAll(Occasion occasion) {
    return look(occasion, file -> !OutputCopy.isLarge(file.stamp()))
        ? largeLooks.ask(occasion)
        : CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<Void> lookAtLarge(Occasion occasion) {
    boolean _ = look(occasion, file -> OutputCopy.isLarge(file.stamp()));
    return CompletableFuture.completedFuture(null);
  }

  /// Takes files that are wanted; true when there are others that are.
  private boolean look(Occasion occasion, Predicate<OutputTree.Found> mine) {
    if (stopped) {
      return false;
    }
    OutputTree tree = OutputTree.of(directory);
    tree.troubles().forEach(this::tell);
    if (tree.files().isEmpty()) {
      return false;
    }
    try {
      OutputLedger known = ledger();
      List<OutputTree.Found> wanted =
          tree.files().stream()
              .filter(file -> isWanted(file, known.find(file.path()), occasion))
              .toList();
      List<OutputTree.Found> taken = wanted.stream().filter(mine).toList();
      try {
        taken.forEach(file -> take(file, known));
      } finally {
        known.write();
      }
      return taken.size() < wanted.size();
    } catch (IOException | RuntimeException e) {
      LOG.warnf(e, "outputs could not be looked at session_id=%s", session);
      return false;
    }
  }

  private synchronized OutputLedger ledger() throws IOException {
    OutputLedger known = ledger;
    if (known == null) {
      known = OutputLedger.read(directory.service());
      ledger = known;
    }
    return known;
  }

  private boolean isWanted(
      OutputTree.Found file, Optional<OutputLedger.Entry> known, Occasion occasion) {
    if (known.isPresent() && known.get().settled() && known.get().stamp().equals(file.stamp())) {
      return false;
    }
    if (occasion != Occasion.MEANWHILE) {
      return true;
    }
    long now = parts.clock().millis();
    boolean rests = now - file.stamp().changedMs() >= REST_MS;
    boolean same = known.isPresent() && known.get().stamp().equals(file.stamp());
    return rests && (same || known.isEmpty() || now - known.get().publishedMs() >= AGAIN_MS);
  }

  private void take(OutputTree.Found file, OutputLedger known) {
    if (stopped) {
      return;
    }
    try (PinnedPath pinned = OutputTree.open(directory, file).orElse(null)) {
      Optional<FileStamp> stamp =
          pinned == null ? Optional.empty() : FileStamp.look(pinned.path()).stamp();
      if (pinned != null && stamp.isPresent() && isAllowed(file.path(), stamp.get(), known)) {
        take(pinned, file.path(), stamp.get(), known);
      }
    } catch (IOException e) {
      // It may be closed to this user, or the store may be away: the next look tries again.
      tell("a file could not be read or stored: " + e.getMessage());
    }
  }

  private boolean isAllowed(String path, FileStamp stamp, OutputLedger known) {
    OutputLimits limits = parts.limits();
    if (stamp.sizeBytes() > limits.fileBytesMax()) {
      tell("files of more than " + limits.fileBytesMax() + " bytes are not published");
      return false;
    }
    if (known.find(path).isEmpty() && known.size() >= limits.filesMax()) {
      tell("more than " + limits.filesMax() + " files are not published");
      return false;
    }
    if (known.bytes() + stamp.sizeBytes() > limits.bytesMax()) {
      tell("more than " + limits.bytesMax() + " bytes are not published");
      return false;
    }
    return true;
  }

  private void take(PinnedPath pinned, String path, FileStamp stamp, OutputLedger known)
      throws IOException {
    Optional<OutputLedger.Entry> before = known.find(path);
    boolean settled = parts.clock().millis() - stamp.changedMs() > TIME_STEP_MS;
    if (before.isPresent() && before.get().stamp().equals(stamp)) {
      Optional<String> hash = copy.hash(pinned, stamp);
      if (hash.isEmpty()) {
        return; // It changes: the next look takes it.
      }
      if (hash.get().equals(before.get().sha256())) {
        known.seen(
            path, new OutputLedger.Entry(stamp, hash.get(), settled, before.get().publishedMs()));
        return;
      }
    }
    Optional<OutputCopy.Stored> stored = copy.store(pinned, stamp, path);
    if (stored.isPresent() && publish(path, stored.get(), known)) {
      OutputLedger.Entry now =
          new OutputLedger.Entry(stamp, stored.get().sha256(), settled, parts.clock().millis());
      if (before.isPresent() && before.get().sha256().equals(now.sha256())) {
        known.seen(path, now); // The same version again, for a client who deleted it meanwhile.
      } else {
        known.published(path, now, workspace(known));
      }
    }
  }

  private boolean publish(String path, OutputCopy.Stored stored, OutputLedger known) {
    SandboxOutput output =
        new SandboxOutput(
            session,
            stored.fileId(),
            path,
            stored.blobKey(),
            MediaTypes.of(path, stored.head()),
            stored.stamp().sizeBytes(),
            stored.sha256(),
            parts.clock().instant());
    if (stopped || !parts.channel().publish(workspace(known), output)) {
      return false;
    }
    LOG.infof(
        "output published session_id=%s file_id=%s bytes=%d",
        session, output.fileId(), output.sizeBytes());
    return true;
  }

  private String workspace(OutputLedger known) {
    String given = workspaceId;
    return given != null ? given : known.workspaceId().orElse(Envelope.DEFAULT_WORKSPACE);
  }

  /// Says it once in the log.
  private synchronized void tell(String trouble) {
    if (told.size() < TOLD_MAX && told.add(trouble)) {
      LOG.warnf("output left out session_id=%s: %s", session, trouble);
    }
  }
}
