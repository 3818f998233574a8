package io.steward.vaultproxy.repository;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.egress.EgressCommand.CloneRepository;
import io.steward.schemas.egress.EgressCommand.ForgetSession;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.resource.SessionResource.Checkout;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.audit.CredentialUser.Used;
import io.steward.vaultproxy.audit.Destination;
import io.steward.vaultproxy.clone.CloneFailure;
import io.steward.vaultproxy.clone.CloneFailure.Reason;
import io.steward.vaultproxy.clone.CloneJob.Target;
import io.steward.vaultproxy.secret.Secret;
import io.steward.vaultproxy.secret.Secrets;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Clones repositories on request, some at once. A command that comes again while its clone runs
/// joins it; one whose clone has ended is answered from the journal and never clones again, so that
/// an attempt has one result whatever happens.
///
/// A command is acknowledged after its answer is safe, so a crash repeats it. A clone that had not
/// ended then starts again, at most [#STARTS_MAX] times: it changes nothing but its own archive,
/// and one that was stored already is not fetched again.
public final class Clones implements AutoCloseable {
  /// How often an attempt starts that never ends, because the service ends first.
  public static final int STARTS_MAX = 10;

  private static final Logger LOG = Logger.getLogger(Clones.class);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration LOOK_PAUSE = Duration.ofMillis(50);

  private final Parts parts;
  private final Duration secretWait;
  private final Semaphore permits;
  private final Map<Attempt, Run> running = new HashMap<>();
  private volatile boolean stopping;

  /// What cloning needs.
  public record Parts(
      GitHosts hosts,
      Secrets secrets,
      CloneJournal journal,
      Cloner cloner,
      BlobStore blobs,
      Results results,
      Audit audit) {}

  private record Attempt(SessionId session, String resourceId, String attempt) {}

  /// One clone and those who wait for it.
  private static final class Run {
    private final String workspaceId;
    private final List<Runnable> acknowledgements = new ArrayList<>();
    private volatile @Nullable InputStream archive;
    private volatile boolean cancelled;

    Run(String workspaceId) {
      this.workspaceId = workspaceId;
    }
  }

  /// @param atOnce clones that run at once, from 1; others wait
  /// @param secretWait how long the secret a command names may take to arrive
  public Clones(Parts parts, int atOnce, Duration secretWait) {
    this.parts = parts;
    this.secretWait = secretWait;
    this.permits = new Semaphore(atOnce, true);
  }

  /// Clones a repository, without waiting for it.
  ///
  /// @param acknowledge is called once the answer is safe
  public void clone(CloneRepository command, String workspaceId, Runnable acknowledge) {
    Attempt attempt = new Attempt(command.sessionId(), command.resourceId(), command.attempt());
    Run run = new Run(workspaceId);
    synchronized (running) {
      Run already = running.putIfAbsent(attempt, run);
      if (already != null) {
        already.acknowledgements.add(acknowledge);
        return;
      }
      run.acknowledgements.add(acknowledge);
    }
    var _ =
        Thread.ofVirtual()
            .name("clone " + command.resourceId())
            .start(() -> perform(attempt, command, workspaceId, run));
  }

  /// Clones that have not been answered.
  public int open() {
    synchronized (running) {
      return running.size();
    }
  }

  /// Forgets the secrets of a session, ends its clones and removes its archives, without waiting
  /// for it. A clone that stores its archive only then removes it itself.
  ///
  /// @param acknowledge is called once that is safe
  public void forget(ForgetSession command, Runnable acknowledge) {
    var _ =
        Thread.ofVirtual()
            .name("forget " + command.sessionId())
            .start(() -> perform(command, acknowledge));
  }

  private void perform(ForgetSession command, Runnable acknowledge) {
    SessionId session = command.sessionId();
    boolean forgotten =
        persistently(
                () -> {
                  parts.secrets().forget(session);
                  parts.journal().forget(session);
                  return true;
                })
            .isPresent();
    if (forgotten) {
      cancel(session);
      discardAll(session);
      LOG.infof("secrets forgotten session_id=%s", session);
      acknowledge.run();
    }
  }

  private void cancel(SessionId session) {
    List<Run> ended = new ArrayList<>();
    synchronized (running) {
      running.forEach((attempt, run) -> {
        if (attempt.session().equals(session)) {
          ended.add(run);
        }
      });
    }
    ended.forEach(Clones::cancel);
  }

  private static void cancel(Run run) {
    run.cancelled = true;
    InputStream archive = run.archive;
    if (archive != null) {
      try {
        archive.close();
      } catch (IOException e) {
        LOG.debug("a clone could not be ended", e);
      }
    }
  }

  private void perform(Attempt attempt, CloneRepository command, String workspaceId, Run run) {
    boolean done = false;
    try {
      Optional<RepositoryResult> result = result(command, workspaceId, run);
      done = result.isEmpty() ? !stopping : deliver(workspaceId, result.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.errorf(e, "command given up session_id=%s", command.sessionId());
      done = !stopping; // It would fail again, and hold up the commands behind it.
    } finally {
      List<Runnable> acknowledgements;
      synchronized (running) {
        running.remove(attempt);
        acknowledgements = List.copyOf(run.acknowledgements);
      }
      if (done) {
        acknowledgements.forEach(Runnable::run);
      }
    }
  }

  /// The answer, or empty when nobody waits for one any more.
  private Optional<RepositoryResult> result(CloneRepository command, String workspaceId, Run run)
      throws InterruptedException {
    String key =
        archives(command.sessionId()) + "/" + command.resourceId() + "-" + command.attempt();
    if (isForgotten(command.sessionId())) {
      discard(key);
      return Optional.empty();
    }
    Optional<CloneJournal.Known> known =
        persistently(() -> parts.journal().start(command, workspaceId));
    if (known.isEmpty()) {
      return Optional.empty();
    }
    RepositoryResult result =
        switch (known.get()) {
          case CloneJournal.Known.Ended(RepositoryResult earlier) -> earlier;
          case CloneJournal.Known.Started(int times) when times > STARTS_MAX ->
              answer(
                  command,
                  null,
                  ErrorDetail.REPOSITORY_CLONE,
                  "The repository could not be cloned: %d attempts were cut off."
                      .formatted(STARTS_MAX));
          case CloneJournal.Known.Started _ -> cloned(command, key, run);
        };
    if (stopping) {
      return Optional.empty();
    }
    if (run.cancelled || isForgotten(command.sessionId())) {
      discard(key);
      return Optional.empty();
    }
    Optional<RepositoryResult> ended =
        persistently(() -> parts.journal().end(result)).flatMap(counts -> counts);
    ended.ifPresent(counts ->
        LOG.infof(
            "clone of %s ended with %s session_id=%s resource_id=%s",
            command.url(),
            counts.errorType() == null ? "an archive" : counts.errorType(),
            command.sessionId(),
            command.resourceId()));
    return ended;
  }

  private RepositoryResult cloned(CloneRepository command, String key, Run run)
      throws InterruptedException {
    try {
      if (!isStored(key)) {
        store(key, command, run);
      }
      return answer(command, key, null, null);
    } catch (CloneFailure e) {
      return answer(command, null, type(e.reason()), e.getMessage());
    } catch (ApiException e) {
      return answer(command, null, ErrorDetail.REPOSITORY_CLONE, e.error().message());
    } catch (IOException | RuntimeException e) {
      LOG.errorf(e, "clone failed session_id=%s", command.sessionId());
      return answer(
          command,
          null,
          ErrorDetail.REPOSITORY_CLONE,
          "The repository could not be cloned, for a reason inside of this installation.");
    }
  }

  /// A session that is gone has no archives.
  private void discard(String key) {
    try {
      parts.blobs().delete(key);
    } catch (IOException e) {
      LOG.warnf("archive of no use not removed key=%s: %s", key, e);
    }
  }

  private void discardAll(SessionId session) {
    try {
      parts.blobs().deleteAll(archives(session));
    } catch (IOException e) {
      LOG.warnf("archives of no use not removed session_id=%s: %s", session, e);
    }
  }

  private static String archives(SessionId session) {
    return session + "/repositories";
  }

  private boolean isStored(String key) throws IOException {
    try (InputStream _ = parts.blobs().open(key)) {
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private void store(String key, CloneRepository command, Run run)
      throws IOException, InterruptedException {
    String host = parts.hosts().require(command.url());
    permits.acquire();
    try (InputStream archive = start(command, host)) {
      run.archive = archive;
      if (!run.cancelled && !stopping) {
        store(key, command, run.workspaceId, archive);
      }
    } finally {
      run.archive = null;
      permits.release();
    }
  }

  private void store(String key, CloneRepository command, String workspaceId, InputStream archive)
      throws IOException {
    Outcome outcome = Outcome.FAILED;
    @Nullable Integer status = null;
    try {
      long bytes = parts.blobs().put(key, archive);
      LOG.debugf("archive of %d bytes stored key=%s", bytes, key);
      outcome = Outcome.ANSWERED;
    } catch (CloneFailure e) {
      status = status(e.reason());
      outcome = e.reason() == Reason.CHECKOUT ? Outcome.ANSWERED : Outcome.of(status);
      throw e;
    } finally {
      String secretId = command.secretId();
      if (secretId != null) {
        parts
            .audit()
            .user(Purpose.GIT, workspaceId, command.sessionId())
            .record(
                new Used(null, secretId),
                Destination.ofHttps(URI.create(command.url())),
                outcome,
                status);
      }
    }
  }

  /// What the host answered with, as far as that is known.
  private static @Nullable Integer status(Reason reason) {
    return switch (reason) {
      case AUTHENTICATION -> 401;
      case FORBIDDEN -> 403;
      case NOT_FOUND -> 404;
      case CHECKOUT, CLONE -> null;
    };
  }

  /// A clone that runs. The token is forgotten once it was handed over.
  private InputStream start(CloneRepository command, String host) throws IOException {
    try (Secret secret = secret(command, host)) {
      return parts
          .cloner()
          .clone(command.url(), secret == null ? null : secret.bytes(), target(command.checkout()));
    }
  }

  /// The token, or null when the command names none.
  private @Nullable Secret secret(CloneRepository command, String host) throws CloneFailure {
    String id = command.secretId();
    if (id == null) {
      return null;
    }
    requireRoom();
    long giveUpNanos = System.nanoTime() + secretWait.toNanos();
    Optional<Secret> found = find(id, command.sessionId());
    while (found.isEmpty() && System.nanoTime() < giveUpNanos && !stopping) {
      LockSupport.parkNanos(LOOK_PAUSE.toNanos());
      found = find(id, command.sessionId());
    }
    Secret secret =
        found.orElseThrow(() ->
            new CloneFailure(
                Reason.AUTHENTICATION,
                "The token of the repository did not arrive; update the resource with a token."));
    if (!secret.host().equals(host)) {
      secret.close();
      throw new CloneFailure(
          Reason.AUTHENTICATION,
          "The token of the repository is for another host than " + host + ".");
    }
    return secret;
  }

  /// Waits until uses can be recorded, however long it takes.
  private void requireRoom() throws CloneFailure {
    while (!parts.audit().uses().hasRoom()) {
      if (stopping) {
        throw new CloneFailure(Reason.CLONE, Audit.NO_ROOM);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private Optional<Secret> find(String id, SessionId session) {
    return persistently(() -> parts.secrets().find(id, session)).orElse(Optional.empty());
  }

  private boolean isForgotten(SessionId session) {
    return persistently(() -> parts.secrets().isForgotten(session)).orElse(false);
  }

  private boolean deliver(String workspaceId, RepositoryResult result) {
    while (!stopping) {
      if (parts.results().send(workspaceId, result)) {
        return true;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return false;
  }

  /// What the database says, however long it takes; empty when the service stops.
  private <T> Optional<T> persistently(Supplier<T> question) {
    while (!stopping) {
      try {
        return Optional.of(question.get());
      } catch (DependencyAwayException e) {
        LOG.warnf("the database does not answer, trying again: %s", e.getCause());
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
    return Optional.empty();
  }

  private static RepositoryResult answer(
      CloneRepository command,
      @Nullable String archiveKey,
      @Nullable String errorType,
      @Nullable String message) {
    return new RepositoryResult(
        command.sessionId(),
        command.resourceId(),
        command.attempt(),
        archiveKey,
        errorType,
        message);
  }

  private static Target target(@Nullable Checkout checkout) {
    return switch (checkout) {
      case null -> new Target.DefaultBranch();
      case Checkout.Branch branch -> new Target.Branch(branch.name());
      case Checkout.Commit commit -> new Target.Commit(commit.sha());
    };
  }

  private static String type(Reason reason) {
    return switch (reason) {
      case AUTHENTICATION -> ErrorDetail.REPOSITORY_AUTHENTICATION;
      case FORBIDDEN -> ErrorDetail.REPOSITORY_FORBIDDEN;
      case NOT_FOUND -> ErrorDetail.REPOSITORY_NOT_FOUND;
      case CHECKOUT -> ErrorDetail.REPOSITORY_CHECKOUT;
      case CLONE -> ErrorDetail.REPOSITORY_CLONE;
    };
  }

  /// Ends all clones. Their commands are not acknowledged.
  @Override
  public void close() {
    stopping = true;
    List<Run> all;
    synchronized (running) {
      all = List.copyOf(running.values());
    }
    all.forEach(Clones::cancel);
  }
}
