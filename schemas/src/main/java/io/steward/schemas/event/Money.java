package io.steward.schemas.event;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// An amount of money. Source: contract/events.md §6.2.
///
/// @param amount whole cents as a decimal string without leading zeros
/// @param currency `USD`
public record Money(String amount, String currency) {
  public static final String USD = "USD";

  private static final int CENT_DIGITS = 2;

  /// `dollars`, rounded to the cent.
  public static Money ofDollars(BigDecimal dollars) {
    return new Money(
        dollars
            .setScale(CENT_DIGITS, RoundingMode.HALF_UP)
            .movePointRight(CENT_DIGITS)
            .toBigIntegerExact()
            .toString(),
        USD);
  }

  /// The amount in dollars.
  public BigDecimal dollars() {
    return new BigDecimal(amount).movePointLeft(CENT_DIGITS);
  }
}
