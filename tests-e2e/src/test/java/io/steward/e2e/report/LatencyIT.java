package io.steward.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.anthropic.models.beta.sessions.events.BetaManagedAgentsUserMessageEventParams;
import com.anthropic.models.beta.sessions.events.EventSendParams;
import io.steward.e2e.model.ModelRequest;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// How long it takes from just before a client posts a message until the model has the request.
///
/// Method: 32 sessions without tools; after a warm-up 160 posts at a low and 1,000 at a high fixed
/// rate, to the sessions in turn, each idle when posted to. Client and model share this process and
/// its clock. Times are reported, not asserted; counts are asserted.
@ExtendWith(StageExtension.class)
class LatencyIT {
  private static final int SESSIONS = 32;
  private static final int WARM_UP_POSTS = 320;
  private static final int CALM_POSTS = 160;
  private static final Duration CALM_PERIOD = Duration.ofMillis(100);
  private static final int POSTS = 1_000;
  private static final Duration PERIOD = Duration.ofMillis(25);

  private final Stage stage;

  LatencyIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void a_thousand_posts_reach_the_model_and_their_latency_is_reported() throws Exception {
    List<OpenSession> sessions = new ArrayList<>();
    try {
      for (int i = 0; i < SESSIONS; i++) {
        sessions.add(stage.plainSession(Script.answering(request -> Reply.text("ok"))));
      }
      post(sessions, WARM_UP_POSTS, PERIOD);
      Latencies calm = Latencies.of(() -> post(sessions, CALM_POSTS, CALM_PERIOD));
      Latencies busy = Latencies.of(() -> post(sessions, POSTS, PERIOD));

      assertEquals(CALM_POSTS, calm.millis().length);
      assertEquals(POSTS, busy.millis().length);
      int requests = sessions.stream().mapToInt(s -> s.script().requests().size()).sum();
      assertEquals(WARM_UP_POSTS + CALM_POSTS + POSTS, requests);
      report(calm, busy);
    } finally {
      sessions.forEach(OpenSession::close);
    }
  }

  /// Posts this many messages, one per period, and answers the latency of each in nanoseconds.
  private long[] post(List<OpenSession> sessions, int posts, Duration period) throws Exception {
    List<Future<Long>> latencies = new ArrayList<>();
    List<Future<Long>> lastOf = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      for (int i = 0; i < posts; i++) {
        LockSupport.parkNanos(start + i * period.toNanos() - System.nanoTime());
        OpenSession session = sessions.get(i % sessions.size());
        if (i >= sessions.size()) {
          lastOf.get(i - sessions.size()).get();
        }
        Future<Long> latency = threads.submit(() -> turn(session));
        latencies.add(latency);
        lastOf.add(latency);
      }
    }
    long[] nanos = new long[posts];
    for (int i = 0; i < posts; i++) {
      nanos[i] = latencies.get(i).get();
    }
    return nanos;
  }

  private long turn(OpenSession session) throws Exception {
    int number = session.script().requests().size() + 1;
    EventSendParams message =
        EventSendParams.builder()
            .sessionId(session.id())
            .addEvent(
                BetaManagedAgentsUserMessageEventParams.builder()
                    .addTextContent(session.script().marked("ping " + number))
                    .build())
            .build();
    long before = System.nanoTime();
    session.send(message);
    ModelRequest request = session.script().awaitRequest(number);
    session.awaitIdle();
    return request.arrivedNanos() - before;
  }

  private static void report(Latencies calm, Latencies busy) throws IOException {
    Latencies.report(
        "latency.md",
        """
        # Latency of a post

        From just before `POST /v1/sessions/{id}/events` until the scripted model had received the
        request, over %d sessions on %d cores. The calm series is the latency; the other shows what
        is left of it at a rate that loads a small machine fully.

        %s
        %s\
        """
            .formatted(
                SESSIONS,
                Runtime.getRuntime().availableProcessors(),
                calm.table(rate(CALM_POSTS, CALM_PERIOD), 10.0),
                busy.table(rate(POSTS, PERIOD), null)));
  }

  private static String rate(int posts, Duration period) {
    return posts + " posts, one every " + period.toMillis() + " ms";
  }
}
