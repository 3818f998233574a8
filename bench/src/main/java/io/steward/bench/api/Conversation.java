package io.steward.bench.api;

import io.steward.bench.model.Cue;
import io.steward.bench.model.Exchange;
import io.steward.bench.model.TimedModel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A session with its stream open, in which one turn follows another. Whoever wants a turn while
/// another one runs waits, and that counts.
public final class Conversation implements AutoCloseable {
  /// The longest a turn may take.
  public static final Duration TURN_MAX = Duration.ofSeconds(60);

  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Pattern PIECE = Pattern.compile("p(\\d{5});");

  private final Api api;
  private final TimedModel model;
  private final String id;
  private final int number = NUMBERS.incrementAndGet();
  private final ReentrantLock turns = new ReentrantLock(true);
  private int turn;
  private volatile @Nullable Running running;
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

  private record Running(CompletableFuture<Long> idle, long[] deltas) {}

  /// Opens the stream of a session.
  public static Conversation open(Api api, TimedModel model, String id, boolean deltas)
      throws IOException, InterruptedException {
    Conversation conversation = new Conversation(api, model, id);
    conversation.stream = api.stream(id, deltas, conversation::note);
    return conversation;
  }

  public String id() {
    return id;
  }

  /// Sends a message and waits until the turn is over.
  ///
  /// @throws TimeoutException when that takes longer than [#TURN_MAX]
  public Turn turn(Wish wish)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    turns.lock();
    try {
      Cue cue = wish.of(Cue.plain(number, ++turn));
      Exchange exchange = model.watch(cue);
      Running now = new Running(new CompletableFuture<>(), new long[cue.chunks()]);
      running = now;
      try {
        api.send(id, cue.text());
        long idleNanos = now.idle().get(TURN_MAX.toNanos(), TimeUnit.NANOSECONDS);
        return new Turn(exchange, idleNanos, now.deltas());
      } finally {
        model.forget(cue);
      }
    } finally {
      turns.unlock();
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
    Running now = running;
    if (now == null) {
      return;
    }
    if (type.equals("session.status_idle")) {
      now.idle().complete(nanos);
    } else if (type.equals("event_delta")) {
      Matcher piece = PIECE.matcher(data);
      while (piece.find()) {
        int index = Integer.parseInt(piece.group(1));
        if (index < now.deltas().length && now.deltas()[index] == 0) {
          now.deltas()[index] = nanos;
        }
      }
    }
  }
}
