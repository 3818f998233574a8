package io.steward.sessionlog;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.steward.schemas.kafka.Topics;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What this service counts for its operator, at `/q/metrics`. No tag names a session or a client.
@Singleton
public class SessionLogMetrics {
  private static final String PREFIX = "steward.session.log.";
  private static final List<Integer> REFUSED_STATUSES = List.of(429, 503);
  private static final List<String> TOPICS =
      List.of(
          Topics.SESSION_EVENTS,
          Topics.SESSION_PREVIEWS,
          Topics.SESSION_QUERIES,
          Topics.SANDBOX_EVENTS,
          Topics.AGENTS,
          Topics.ENVIRONMENTS,
          Topics.VAULTS);

  private final MeterRegistry registry;
  private final Counter setAside;
  private final Counter droppedReaders;
  private final Counter leasesLost;

  public SessionLogMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.setAside =
        counter("sessions.set.aside", "Sessions of which a record could not be understood");
    this.leasesLost =
        counter("work.leases.lost", "Work that came back because its worker went silent");
    this.droppedReaders =
        counter("dropped.readers", "Streams ended because their readers were too slow");
    // There from the beginning, so that a first one is an increase.
    REFUSED_STATUSES.forEach(this::refusals);
    TOPICS.forEach(this::unreadables);
  }

  /// A session was set aside.
  public void sessionSetAside() {
    setAside.increment();
  }

  /// A stream's reader was too slow.
  public void readerDropped() {
    droppedReaders.increment();
  }

  /// Workers went silent.
  public void leasesLost(int count) {
    leasesLost.increment(count);
  }

  /// A record of `topic` could not be read, or not be handled.
  public void unreadable(String topic) {
    unreadables(topic).increment();
  }

  private Counter unreadables(String topic) {
    return Counter.builder(PREFIX + "unreadable.records")
        .description("Records that could not be read or handled")
        .tag("topic", topic)
        .register(registry);
  }

  /// A request was answered with 429 or 503.
  public void refused(int status) {
    refusals(status).increment();
  }

  private Counter refusals(int status) {
    return Counter.builder(PREFIX + "refused.requests")
        .description("Requests answered with 429 (a limit) or 503 (something is away)")
        .tag("status", Integer.toString(status))
        .register(registry);
  }

  /// Shows a value that changes.
  ///
  /// @param owner is not kept alive
  public <T> void show(String name, String description, T owner, ToDoubleFunction<T> value) {
    Gauge.builder(PREFIX + name, owner, value).description(description).register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(PREFIX + name).description(description).register(registry);
  }
}
