package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.steward.schemas.event.CumulativeUsage;
import io.steward.schemas.event.Money;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.model.ListPrices;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a session has used.
///
/// @param usage totals; its `activeSeconds` covers finished running times only and it has no cost
/// @param prices what a model request costs, or null when the model has no list price
/// @param tokenCost exact list cost of all model requests, in dollars
/// @param runningSince start of the running time that is still open, or null
/// @param everRan whether the session has run at all
/// @param everIdled whether a turn has ended
public record Meter(
    CumulativeUsage usage,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ListPrices prices,
    BigDecimal tokenCost,
    @Nullable Instant runningSince,
    boolean everRan,
    boolean everIdled) {
  private static final double MILLIS_PER_SECOND = 1000.0;

  /// Nothing used yet.
  public static Meter zero(@Nullable ListPrices prices) {
    return new Meter(CumulativeUsage.NONE, prices, BigDecimal.ZERO, null, false, false);
  }

  Meter started(Instant time) {
    return runningSince == null ? new Meter(usage, prices, tokenCost, time, true, everIdled) : this;
  }

  Meter stopped(Instant time) {
    return new Meter(runningUntil(time), prices, tokenCost, null, everRan, true);
  }

  Meter paused(Instant time) {
    return new Meter(runningUntil(time), prices, tokenCost, null, everRan, everIdled);
  }

  Meter plus(RequestUsage request) {
    BigDecimal cost = prices == null ? BigDecimal.ZERO : prices.cost(request);
    return new Meter(
        usage.plus(request), prices, tokenCost.add(cost), runningSince, everRan, everIdled);
  }

  /// One search of the web more.
  Meter plusSearch() {
    return new Meter(usage.plusSearch(), prices, tokenCost, runningSince, everRan, everIdled);
  }

  /// The totals as they stand at `time`, with their cost.
  public CumulativeUsage usageAt(Instant time) {
    CumulativeUsage total = runningUntil(time);
    return prices == null
        ? total
        : total.with(total.activeSeconds(), Money.ofDollars(cost(prices, total)));
  }

  /// The exact list cost as it stands at `time`, in dollars; zero without list prices.
  public BigDecimal costAt(Instant time) {
    return prices == null ? BigDecimal.ZERO : cost(prices, runningUntil(time));
  }

  private BigDecimal cost(ListPrices list, CumulativeUsage total) {
    CumulativeUsage.ServerToolUse tools = total.serverToolUse();
    return tokenCost
        .add(list.activeCost(total.activeSeconds()))
        .add(list.searchCost(tools == null ? 0 : tools.webSearchRequests()));
  }

  private CumulativeUsage runningUntil(Instant time) {
    if (runningSince == null || time.isBefore(runningSince)) {
      return usage;
    }
    double open = Duration.between(runningSince, time).toMillis() / MILLIS_PER_SECOND;
    double total = Math.round((usage.activeSeconds() + open) * MILLIS_PER_SECOND);
    return usage.with(total / MILLIS_PER_SECOND, null);
  }
}
