package io.steward.sandbox.call;

import io.steward.sandbox.shim.Cancellation;
import io.steward.schemas.id.SessionId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Lets the shell commands of a session go one after another, in the order in which they asked.
final class ShellTurns {
  private final Map<SessionId, Turn> last = new HashMap<>();

  /// The place of one call in the row of its session.
  final class Turn {
    private final SessionId session;
    private final CompletableFuture<Void> before;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private Turn(SessionId session, @Nullable Turn before) {
      this.session = session;
      this.before = before == null ? CompletableFuture.completedFuture(null) : before.done;
    }

    /// Waits for the calls before, or for the wish to stop.
    void await(Cancellation cancellation) {
      CompletableFuture<Void> either = new CompletableFuture<>();
      var _ = before.thenRun(() -> either.complete(null));
      cancellation.onCancel(() -> either.complete(null));
      either.join();
    }

    /// Lets the next one go, once those before are through.
    void leave() {
      var _ = before.thenRun(this::end);
    }

    private void end() {
      synchronized (ShellTurns.this) {
        last.remove(session, this);
      }
      done.complete(null);
    }
  }

  synchronized Turn enter(SessionId session) {
    Turn turn = new Turn(session, last.get(session));
    last.put(session, turn);
    return turn;
  }
}
