package io.steward.vaultproxy.mcp;

import io.steward.vaultproxy.transport.TransportLimits;
import java.time.Duration;

/// How far servers may go, and how many of them there are.
///
/// @param callTimeMax of one call of a tool, connecting included
/// @param idleMax how long a connection stays that nobody uses
/// @param connectionsMax of all sessions, from 1
public record McpLimits(
    TransportLimits transport, Duration callTimeMax, Duration idleMax, int connectionsMax) {
  /// Pages of one list of tools that are read.
  static final int PAGES_MAX = 32;

  /// Bytes of all tools of one list, as JSON.
  static final int TOOLS_BYTES_MAX = 2 * 1024 * 1024;

  /// Blocks of one result.
  static final int BLOCKS_MAX = 100;

  /// Lists that are asked for at once; others wait.
  static final int LISTS_MAX = 16;

  /// Between a notice that tools changed and the next list of them.
  static final Duration CHANGE_PAUSE = Duration.ofSeconds(1);

  /// @param callTimeMax of one call of a tool
  public static McpLimits usual(Duration callTimeMax) {
    return new McpLimits(TransportLimits.usual(), callTimeMax, Duration.ofMinutes(5), 1_000);
  }
}
