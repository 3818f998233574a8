package io.steward.bench.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.bench.model.Cue;
import io.steward.bench.model.Exchange;
import io.steward.bench.model.TimedModel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A session in which one turn follows another, its stream open or not. Whoever wants a turn while
/// another one runs waits, and that counts.
public final class Conversation implements AutoCloseable {
  /// The longest a turn may take.
  public static final Duration TURN_MAX = Duration.ofSeconds(60);

  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Duration LOOK = Duration.ofMillis(20);

  private final Api api;
  private final TimedModel model;
  private final String id;
  private final int number = NUMBERS.incrementAndGet();
  private final ReentrantLock turns = new ReentrantLock(true);
  private int turn;
  private volatile @Nullable RunningTurn running;
  private volatile @Nullable EventStream stream;

  private Conversation(Api api, TimedModel model, String id) {
    this.api = api;
    this.model = model;
    this.id = id;
  }

  /// What a message asks for, as a change of the plainest cue.
  public interface Wish {
    /// A turn of one reply in one piece at once.
    Wish PLAIN = cue -> cue;

    Cue of(Cue plain);
  }

  /// Opens the stream of a session.
  public static Conversation open(Api api, TimedModel model, String id, boolean deltas)
      throws IOException, InterruptedException {
    Conversation conversation = new Conversation(api, model, id);
    conversation.stream = api.stream(id, deltas, conversation::note);
    return conversation;
  }

  /// A session nobody reads, so that nothing has it in memory before its first message comes. The
  /// end of a turn is looked for in the list of its events: later than it was, and without its tool
  /// calls.
  public static Conversation unopened(Api api, TimedModel model, String id) {
    return new Conversation(api, model, id);
  }

  public String id() {
    return id;
  }

  /// Sends a message and waits until the turn is over.
  ///
  /// @throws FailedTurnException when that takes longer than [#TURN_MAX], or the turn did not do
  ///   what the message asked for
  public Turn turn(Wish wish) throws IOException, InterruptedException, FailedTurnException {
    turns.lock();
    try {
      Cue cue = wish.of(Cue.plain(number, ++turn));
      Exchange exchange = model.watch(cue);
      RunningTurn now = new RunningTurn(cue);
      running = now;
      try {
        api.send(id, cue.text());
        if (stream == null) {
          look(exchange, now);
        }
        long idleNanos = now.awaitIdle(TURN_MAX);
        return new Turn(exchange, idleNanos, now.deltaNanos());
      } finally {
        running = null;
        model.forget(cue);
      }
    } finally {
      turns.unlock();
    }
  }

  /// Only once the model was asked, so that it was the message that woke the session. The message
  /// is listed by then: a newest event that says idle is of this turn.
  private void look(Exchange exchange, RunningTurn now)
      throws IOException, InterruptedException, FailedTurnException {
    long endNanos = System.nanoTime() + TURN_MAX.toNanos();
    if (!exchange.awaitAsked(TURN_MAX)) {
      throw new FailedTurnException(
          "the model was not asked within " + TURN_MAX.toSeconds() + " s");
    }
    while (!now.isOver() && System.nanoTime() < endNanos) {
      JsonNode newest = api.newestEvents(id, 1).path("data").path(0);
      now.note(newest.path("type").asText(), newest.toString(), System.nanoTime());
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  @Override
  public void close() {
    EventStream open = stream;
    if (open != null) {
      open.close();
    }
  }

  private void note(String type, String data, long nanos) {
    RunningTurn now = running;
    if (now != null) {
      now.note(type, data, nanos);
    }
  }
}
