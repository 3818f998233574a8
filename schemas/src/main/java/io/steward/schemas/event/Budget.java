package io.steward.schemas.event;

/// What a session may cost at list prices. Source: contract/events.md §6.2.
///
/// @param type always `limit`
public record Budget(String type, Money maxListCost) {
  public static final String LIMIT = "limit";

  public static Budget limit(Money maxListCost) {
    return new Budget(LIMIT, maxListCost);
  }
}
