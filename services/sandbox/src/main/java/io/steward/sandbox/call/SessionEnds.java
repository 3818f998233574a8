package io.steward.sandbox.call;

import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.shim.Cancellation;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jboss.logging.Logger;

/// Ends the sandboxes and calls of sessions that are over, and removes what deleted ones left. Safe
/// from any thread; nothing here makes the caller wait.
final class SessionEnds {
  private static final Logger LOG = Logger.getLogger(SessionEnds.class);
  private static final Duration WAIT_MAX = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(10);

  private final Sandboxes sandboxes;
  private final Journal journal;
  private final Preparations preparations;
  private final InstantSource clock;
  private final Function<SessionId, List<Cancellation>> running;

  private interface Conclusion {
    void run() throws IOException;
  }

  /// @param running the calls of a session that are not through
  SessionEnds(
      Sandboxes sandboxes,
      Journal journal,
      Preparations preparations,
      InstantSource clock,
      Function<SessionId, List<Cancellation>> running) {
    this.sandboxes = sandboxes;
    this.journal = journal;
    this.preparations = preparations;
    this.clock = clock;
    this.running = running;
  }

  /// The files of the session stay.
  void end(SessionId session, Runnable acknowledge) {
    conclude(session, () -> sandboxes.end(session), acknowledge);
  }

  void delete(SessionId session, Runnable acknowledge) {
    conclude(
        session,
        () -> {
          sandboxes.delete(session);
          journal.forget(session);
        },
        acknowledge);
  }

  private void conclude(SessionId session, Conclusion conclusion, Runnable acknowledge) {
    running.apply(session).forEach(Cancellation::cancel);
    Thread.ofVirtual()
        .name("end-" + session)
        .start(() -> {
          try {
            preparations.stop(session);
            awaitEnd(session);
            conclusion.run();
          } catch (IOException | RuntimeException e) {
            LOG.errorf(e, "session could not be ended wholly session_id=%s", session);
          }
          acknowledge.run();
        });
  }

  /// Waits until canceled calls are through, so that none of them writes to the journal later.
  private void awaitEnd(SessionId session) {
    Instant latest = clock.instant().plus(WAIT_MAX);
    while (!running.apply(session).isEmpty() && clock.instant().isBefore(latest)) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
