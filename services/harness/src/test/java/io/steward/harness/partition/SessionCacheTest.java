package io.steward.harness.partition;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.harness.decide.Speculation;
import io.steward.harness.log.FoldedSession;
import io.steward.harness.metric.Metrics;
import io.steward.harness.trace.Spans;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.session.Session;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionCacheTest {
  private static final long BYTES_MAX = 20_000;

  private final Set<SessionId> busy = new HashSet<>();
  private final SessionCache cache =
      new SessionCache(BYTES_MAX, owned -> !busy.contains(owned.id()), SessionCacheTest::watch);

  private static TurnWatch watch() {
    return new TurnWatch(
        new ToolForecast(Speculation.OFF),
        new Metrics(new SimpleMeterRegistry(), ModelCatalog.shipped()),
        InstantSource.system(),
        Spans.off().session());
  }

  private SessionId add(long bytes) {
    SessionId id = SessionId.random(0);
    cache.add(id).seed(new FoldedSession(Session.ABSENT, bytes));
    return id;
  }

  @Test
  void the_least_recently_used_resting_session_goes_first() {
    SessionId first = add(5_000);
    SessionId second = add(5_000);
    assertNotNull(cache.find(first));
    add(5_000);

    cache.trim();

    assertNull(cache.find(second));
    assertNotNull(cache.find(first));
  }

  @Test
  void a_session_with_work_stays_whatever_it_costs() {
    SessionId large = add(1_000_000);
    busy.add(large);

    cache.trim();

    assertNotNull(cache.find(large));
  }
}
