package io.steward.vaultproxy.secret;

import java.util.Arrays;

/// A secret in memory: never printed, overwritten when closed.
///
/// @param host the only host it may be sent to, lower case, with `:port` unless it is 443
/// @param bytes asked for only where they are used
public record Secret(String host, byte[] bytes) implements AutoCloseable {
  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public String toString() {
    return "***";
  }
}
