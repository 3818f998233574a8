package io.steward.schemas.model;

import io.steward.schemas.event.RequestUsage;
import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;

/// List prices in US dollars, as they were when a session was created; a session keeps them, so
/// that every reader of its log counts the same cost (ADR 12).
///
/// @param input per million uncached input tokens
/// @param output per million output tokens
/// @param cacheWrite per million tokens written to the provider's cache
/// @param cacheRead per million tokens read from the provider's cache
/// @param activeHour per hour of running time
/// @param thousandSearches per thousand searches of the web, or null when they cost nothing
public record ListPrices(
    BigDecimal input,
    BigDecimal output,
    BigDecimal cacheWrite,
    BigDecimal cacheRead,
    BigDecimal activeHour,
    @Nullable BigDecimal thousandSearches) {
  private static final int THOUSAND_DIGITS = 3;
  private static final int MILLION_DIGITS = 6;
  private static final BigDecimal SECONDS_PER_HOUR = BigDecimal.valueOf(3600);

  /// What one model request costs, exactly.
  public BigDecimal cost(RequestUsage usage) {
    return input
        .multiply(BigDecimal.valueOf(usage.inputTokens()))
        .add(output.multiply(BigDecimal.valueOf(usage.outputTokens())))
        .add(cacheWrite.multiply(BigDecimal.valueOf(usage.cacheCreationInputTokens())))
        .add(cacheRead.multiply(BigDecimal.valueOf(usage.cacheReadInputTokens())))
        .movePointLeft(MILLION_DIGITS)
        .stripTrailingZeros();
  }

  /// What that many searches of the web cost.
  public BigDecimal searchCost(int searches) {
    return thousandSearches == null
        ? BigDecimal.ZERO
        : thousandSearches.multiply(BigDecimal.valueOf(searches)).movePointLeft(THOUSAND_DIGITS);
  }

  /// What running for `seconds` costs.
  public BigDecimal activeCost(double seconds) {
    return activeHour
        .multiply(BigDecimal.valueOf(seconds))
        .divide(SECONDS_PER_HOUR, MathContext.DECIMAL64);
  }
}
