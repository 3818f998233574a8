package io.steward.sandbox.output;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One look at a time: while one runs, a single next one collects all further wishes, so whoever
/// waits for it knows that it began after the wish.
final class Looks {
  private final String name;
  private final Function<Occasion, CompletableFuture<Void>> look;
  private @Nullable Wish running;
  private @Nullable Wish next;

  private record Wish(Occasion occasion, CompletableFuture<Void> done) {}

  /// @param name of the threads
  /// @param look performs one on the calling thread; what it returns is done when what it left to
  ///   others is
  Looks(String name, Function<Occasion, CompletableFuture<Void>> look) {
    this.name = name;
    this.look = look;
  }

  /// Asks for a look that begins after now; done when it is through.
  synchronized CompletableFuture<Void> ask(Occasion occasion) {
    Wish before = next;
    Wish wish =
        before == null
            ? new Wish(occasion, new CompletableFuture<>())
            : new Wish(
                occasion.compareTo(before.occasion()) > 0 ? occasion : before.occasion(),
                before.done());
    next = wish;
    if (running == null) {
      startNext();
    }
    return wish.done();
  }

  private synchronized void startNext() {
    Wish wish = next;
    next = null;
    running = wish;
    if (wish != null) {
      var _ = Thread.ofVirtual().name(name).start(() -> perform(wish));
    }
  }

  private void perform(Wish wish) {
    CompletableFuture<Void> rest = CompletableFuture.completedFuture(null);
    try {
      rest = look.apply(wish.occasion());
    } finally {
      startNext();
      var _ = rest.whenComplete((_, _) -> wish.done().complete(null));
    }
  }

  synchronized boolean isIdle() {
    return running == null;
  }

  /// Done when no look runs that was asked for before.
  synchronized CompletableFuture<Void> rest() {
    Wish last = next != null ? next : running;
    return last == null ? CompletableFuture.completedFuture(null) : last.done().copy();
  }
}
