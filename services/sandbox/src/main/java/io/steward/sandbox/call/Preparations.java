package io.steward.sandbox.call;

import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.mount.Mounting;
import io.steward.sandbox.shim.Cancellation;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/// Opens sandboxes for calls that will probably come. Outside the journal and without promise: a
/// call that comes meanwhile waits for the sandbox as it would wait for one of its own, what fails
/// is only logged, and what is too much at once is left out. Safe from any thread.
final class Preparations {
  private static final Logger LOG = Logger.getLogger(Preparations.class);

  private final Sandboxes sandboxes;
  private final CallCounts counts;
  private final BooleanSupplier stopping;
  private final Semaphore permits;
  private final Map<SessionId, Preparation> running = new ConcurrentHashMap<>();

  private record Preparation(Cancellation cancellation, CompletableFuture<Void> over) {}

  /// @param atOnce how many sandboxes are prepared at once
  /// @param stopping ends all waiting
  Preparations(Sandboxes sandboxes, CallCounts counts, int atOnce, BooleanSupplier stopping) {
    this.sandboxes = sandboxes;
    this.counts = counts;
    this.permits = new Semaphore(atOnce);
    this.stopping = stopping;
  }

  /// Begins, unless the session's sandbox is being prepared or there is too much to do. Does not
  /// wait.
  ///
  /// @param wish what the command wants to see, with its order among all commands
  void begin(SandboxCommand.PrepareSandbox command, SessionFiles.Wish wish) {
    SessionId session = command.sessionId();
    Preparation preparation = new Preparation(new Cancellation(), new CompletableFuture<>());
    if (stopping.getAsBoolean() || !permits.tryAcquire()) {
      LOG.debugf("no sandbox is prepared, too much to do session_id=%s", session);
      return;
    }
    if (running.putIfAbsent(session, preparation) != null) {
      permits.release();
      return;
    }
    Thread.ofVirtual()
        .name("prepare-" + session)
        .start(() -> {
          try {
            perform(command, wish, preparation.cancellation());
          } catch (IOException | RuntimeException e) {
            counts.sandboxMissed(CallCounts.Start.PREPARED);
            LOG.warnf("no sandbox could be prepared session_id=%s: %s", session, e);
          } finally {
            running.remove(session, preparation);
            permits.release();
            preparation.over().complete(null);
          }
        });
  }

  /// Gives up what is prepared for `session` and waits until nothing of it is under way.
  void stop(SessionId session) {
    Preparation preparation = running.get(session);
    if (preparation != null) {
      preparation.cancellation().cancel();
      preparation.over().join();
    }
  }

  private void perform(
      SandboxCommand.PrepareSandbox command, SessionFiles.Wish wish, Cancellation cancellation)
      throws IOException {
    switch (sandboxes.prepare(command.sessionId(), command.environmentConfig(), cancellation)) {
      case Sandboxes.Preparation.Lives _, Sandboxes.Preparation.Canceled _ -> {}
      case Sandboxes.Preparation.Refused(String reason) -> {
        counts.sandboxMissed(CallCounts.Start.PREPARED);
        refused(command.sessionId(), reason);
      }
      case Sandboxes.Preparation.Prepared prepared -> {
        try {
          open(command, wish, prepared, cancellation);
        } finally {
          prepared.packages().ifPresent(InstalledPackages::close);
        }
      }
    }
  }

  private void open(
      SandboxCommand.PrepareSandbox command,
      SessionFiles.Wish wish,
      Sandboxes.Preparation.Prepared prepared,
      Cancellation cancellation)
      throws IOException {
    SessionId session = command.sessionId();
    BooleanSupplier givenUp = () -> stopping.getAsBoolean() || cancellation.isCanceled();
    sandboxes.settle(session);
    if (givenUp.getAsBoolean()) {
      return;
    }
    long start = System.nanoTime();
    Reach reach =
        new Reach(wish.order(), wish.workspaceId(), command.environmentConfig(), command.network());
    Optional<SessionSandbox.Place> place =
        sandboxes.acquireAhead(session, prepared, reach, givenUp);
    if (place.isEmpty()) { // Nothing failed: for the call an unused one gives way.
      refused(session, "there are as many sandboxes as there may be");
      return;
    }
    switch (place.get()) {
      case SessionSandbox.Place.Refused(String reason) -> {
        if (!givenUp.getAsBoolean()) {
          counts.sandboxMissed(CallCounts.Start.PREPARED);
        }
        refused(session, reason);
      }
      case SessionSandbox.Place.Absent _, SessionSandbox.Place.Gone _ -> {}
      case SessionSandbox.Place.Ready ready -> {
        try {
          if (ready.opened()) {
            counts.sandboxStarted(
                CallCounts.Start.PREPARED, Duration.ofNanos(System.nanoTime() - start));
          }
          if (ready.owner().files().show(wish, givenUp) instanceof Mounting.Refused(String why)) {
            refused(session, why);
          }
        } finally {
          ready.owner().releaseUncalled();
        }
      }
    }
  }

  /// If the call that comes has the same trouble, it tells it.
  private static void refused(SessionId session, String reason) {
    LOG.infof("no sandbox was prepared session_id=%s: %s", session, reason);
  }
}
