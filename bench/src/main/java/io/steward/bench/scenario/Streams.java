package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.api.EventStream;
import io.steward.bench.api.Turn;
import io.steward.bench.load.OpenLoop;
import io.steward.bench.load.Recording;
import io.steward.bench.load.Schedule;
import io.steward.bench.report.Section;
import io.steward.bench.report.Unit;
import io.steward.bench.scenario.Ground.Conversations;
import io.steward.bench.steward.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Many open streams.
final class Streams implements Scenario {
  private static final int SESSIONS = 50;
  private static final int STREAMS_OF_SESSION = 20;
  private static final int STREAMS = SESSIONS * STREAMS_OF_SESSION;
  private static final Duration PERIOD = Duration.ofMillis(100);

  @Override
  public String name() {
    return "streams";
  }

  @Override
  public Section run(Ground ground) throws Exception {
    Section section =
        new Section(
            name(),
            """
            %,d streams on %d sessions, in which a turn begins every %d ms. The time to a stream is from \
            the beginning of the model's last write until `session.status_idle` was read from that stream. \
            Memory per stream is what all processes together grew by while they were opened, after a \
            collection, so it is rough.\
            """
                .formatted(STREAMS, SESSIONS, PERIOD.toMillis()));
    List<Crowd> crowds = new ArrayList<>();
    List<EventStream> streams = new ArrayList<>();
    try (Conversations sessions = ground.conversations(SESSIONS, ground::plain)) {
      Heaps.collect(ground.installation());
      Usage before = Usage.now(ground.installation().pids());
      long startNanos = System.nanoTime();
      for (Conversation session : sessions.all()) {
        Crowd crowd = new Crowd();
        crowds.add(crowd);
        for (int i = 0; i < STREAMS_OF_SESSION; i++) {
          streams.add(ground.api().stream(session.id(), false, crowd));
        }
      }
      double openSeconds = (System.nanoTime() - startNanos) / 1e9;
      Heaps.collect(ground.installation());
      Usage after = Usage.now(ground.installation().pids());
      section
          .figure("time to open " + STREAMS + " streams", openSeconds, Unit.SECONDS)
          .figure(
              "memory per stream",
              (double) (after.ownBytes() - before.ownBytes()) / STREAMS,
              Unit.BYTES);
      turns(ground, section, sessions, crowds);
      section.figure(
          "streams that ended early",
          streams.stream().filter(EventStream::isOver).count(),
          Unit.COUNT);
    } finally {
      streams.forEach(EventStream::close);
    }
    return section;
  }

  /// One turn in each session, or in the first of them.
  private static void turns(
      Ground ground, Section section, Conversations sessions, List<Crowd> crowds) throws Exception {
    Recording times = new Recording();
    OpenLoop.run(
            new Schedule(ground.pick(SESSIONS, SESSIONS / 5), PERIOD),
            (index, _) -> {
              Turn turn = sessions.of(index).turn(Conversation.Wish.PLAIN);
              long endNanos = turn.exchange().replyEndsNanos().getLast();
              for (long idleNanos : crowds.get(index).awaitIdle()) {
                times.add(Math.max(0, idleNanos - endNanos));
              }
            })
        .orThrow();
    section.latencies("the model's last write → idle on a stream", times.latencies(), null, null);
  }

  /// The streams of one session, which has one turn.
  private static final class Crowd implements EventStream.Listener {
    private final Queue<Long> idles = new ConcurrentLinkedQueue<>();
    private final CountDownLatch missing = new CountDownLatch(STREAMS_OF_SESSION);

    @Override
    public void event(String type, String data, long nanos) {
      if (type.equals("session.status_idle")) {
        idles.add(nanos);
        missing.countDown();
      }
    }

    /// When each of them had the end of the turn.
    Queue<Long> awaitIdle() throws InterruptedException {
      if (!missing.await(Conversation.TURN_MAX.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IllegalStateException(
            "%d of %d streams did not have the end of a turn"
                .formatted(missing.getCount(), STREAMS_OF_SESSION));
      }
      return idles;
    }
  }
}
