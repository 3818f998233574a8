package io.steward.vaultproxy.search;

import java.time.Duration;

/// How far one search may go.
///
/// @param connectTimeMax until a connection to one address stands
/// @param timeMax of the whole search
/// @param bodyBytesMax of the answer as it is sent
public record SearchLimits(Duration connectTimeMax, Duration timeMax, int bodyBytesMax) {
  public static SearchLimits usual() {
    return new SearchLimits(Duration.ofSeconds(5), Duration.ofSeconds(20), 2 * 1024 * 1024);
  }
}
