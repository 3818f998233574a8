package io.steward.harness.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ListPrices;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.schemas.session.ToolCall;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What turns take, use and meet. Values of labels come from small sets: what is in none of them is
/// `other`. Safe from any thread, without locks.
public final class TurnMeters {
  /// What is in none of the sets of a label.
  public static final String OTHER = "other";

  private static final String PREFIX = "steward.harness.";

  private static final Duration[] TURN_BUCKETS =
      buckets(10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000);
  private static final Duration[] OVERHEAD_BUCKETS =
      buckets(2, 5, 10, 15, 20, 30, 50, 100, 200, 500, 1_000, 5_000);

  private final MeterRegistry registry;
  private final ModelCatalog catalog;
  private final Timer overhead;
  private final Counter retries;
  private final Map<TurnEnd, Timer> turns = new EnumMap<>(TurnEnd.class);
  private final Map<Activity, AtomicInteger> sessions = new EnumMap<>(Activity.class);
  private final Map<String, Usage> usages = new ConcurrentHashMap<>();

  private record Usage(
      Map<RequestEnd, Counter> requests,
      Counter input,
      Counter output,
      Counter cacheWrite,
      Counter cacheRead,
      Counter cost) {}

  TurnMeters(MeterRegistry registry, ModelCatalog catalog) {
    this.registry = registry;
    this.catalog = catalog;
    this.overhead =
        Timer.builder(PREFIX + "turn.overhead")
            .description("Time of turns in which neither a model nor a tool was at work")
            .serviceLevelObjectives(OVERHEAD_BUCKETS)
            .register(registry);
    this.retries =
        Counter.builder(PREFIX + "retries")
            .description("Model requests that are made again after an error that may pass")
            .register(registry);
    for (TurnEnd end : TurnEnd.values()) {
      turns.put(
          end,
          Timer.builder(PREFIX + "turn")
              .description("From reading a message to the end of its turn")
              .tag("end", name(end))
              .serviceLevelObjectives(TURN_BUCKETS)
              .register(registry));
    }
    for (Activity activity : Activity.values()) {
      AtomicInteger count = new AtomicInteger();
      sessions.put(activity, count);
      if (activity != Activity.REST) {
        Gauge.builder(PREFIX + "sessions", count, AtomicInteger::get)
            .description("Sessions this instance has something to do for, by what they wait for")
            .tag("waits_for", name(activity))
            .register(registry);
      }
    }
  }

  private static Duration[] buckets(int... millis) {
    return IntStream.of(millis).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }

  /// A turn has ended whose beginning was seen.
  ///
  /// @param overheadKnown false when it waited for what is neither a model nor a tool, or when a
  ///   model or a tool was cut off
  public void turn(TurnTime time, TurnEnd end, boolean overheadKnown) {
    Objects.requireNonNull(turns.get(end)).record(time.whole());
    if (overheadKnown) {
      overhead.record(time.overhead());
    }
  }

  /// A session that waited for one thing waits for another.
  public void moved(Activity before, Activity now) {
    if (before != now) {
      int _ = Objects.requireNonNull(sessions.get(before)).decrementAndGet();
      int _ = Objects.requireNonNull(sessions.get(now)).incrementAndGet();
    }
  }

  /// A model request has ended.
  ///
  /// @param prices null when the model has no list price
  public void modelAnswered(
      String modelId, RequestEnd end, RequestUsage used, @Nullable ListPrices prices) {
    Usage usage = usages.computeIfAbsent(modelLabel(catalog, modelId), this::usage);
    Objects.requireNonNull(usage.requests().get(end)).increment();
    usage.input().increment(used.inputTokens());
    usage.output().increment(used.outputTokens());
    usage.cacheWrite().increment(used.cacheCreationInputTokens());
    usage.cacheRead().increment(used.cacheReadInputTokens());
    if (prices != null) {
      usage.cost().increment(prices.cost(used).doubleValue());
    }
  }

  private Usage usage(String model) {
    Map<RequestEnd, Counter> requests = new EnumMap<>(RequestEnd.class);
    for (RequestEnd end : RequestEnd.values()) {
      requests.put(end, requests(model, name(end)));
    }
    return new Usage(
        requests,
        tokens(model, "input"),
        tokens(model, "output"),
        tokens(model, "cache_write"),
        tokens(model, "cache_read"),
        Counter.builder(PREFIX + "list.cost.dollars")
            .description("List cost of the tokens, in US dollars")
            .tag("model", model)
            .register(registry));
  }

  private Counter requests(String model, String outcome) {
    return Counter.builder(PREFIX + "model.requests")
        .description("Model requests that ended")
        .tag("model", model)
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter tokens(String model, String kind) {
    return Counter.builder(PREFIX + "tokens")
        .description("Tokens of model requests")
        .tag("model", model)
        .tag("kind", kind)
        .register(registry);
  }

  /// The entry of the catalog that serves the model, or `other`.
  public static String modelLabel(ModelCatalog catalog, String modelId) {
    return catalog.find(modelId).map(CatalogModel::id).orElse(OTHER);
  }

  /// A call that ran here has its result.
  public void toolAnswered(ToolCall call, Outcome outcome) {
    Counter.builder(PREFIX + "tool.results")
        .description("Tool calls that ended, of those that a service here ran")
        .tag("tool", ToolLabel.of(call))
        .tag("outcome", name(outcome))
        .register(registry)
        .increment();
  }

  /// A `session.error` was written.
  public void failed(String errorType) {
    Counter.builder(PREFIX + "session.errors")
        .description("Errors that sessions were told of")
        .tag("type", ErrorLabel.of(errorType))
        .register(registry)
        .increment();
  }

  /// A turn waits for the next attempt.
  public void rescheduled() {
    retries.increment();
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
