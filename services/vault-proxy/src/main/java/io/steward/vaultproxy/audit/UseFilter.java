package io.steward.vaultproxy.audit;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which uses are listed.
///
/// @param credentialId null for all credentials of the vault
/// @param sessionId null for all sessions
/// @param times all of them hold
public record UseFilter(
    String vaultId,
    @Nullable String credentialId,
    @Nullable String sessionId,
    List<TimeBound> times) {
  public UseFilter {
    times = List.copyOf(times);
  }

  /// A bound of the moment of a use.
  public record TimeBound(Comparison comparison, Instant time) {}

  /// On which side of the bound.
  public enum Comparison {
    GT(">"),
    GTE(">="),
    LT("<"),
    LTE("<=");

    private final String operator;

    Comparison(String operator) {
      this.operator = operator;
    }

    /// In SQL.
    String operator() {
      return operator;
    }
  }
}
