package io.steward.vaultproxy;

import io.smallrye.config.ConfigMapping;
import java.time.Duration;

/// Calls of MCP servers. Keys are public; defaults are in
/// `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "steward.mcp")
public interface McpSettings {
  /// Wall clock of one call of a tool, connecting included.
  Duration callTimeMax();

  /// Calls that run at once, in all, from 1; others wait.
  int callsMax();

  /// Calls of one session that run at once, from 1; others wait.
  int callsPerSessionMax();

  /// Calls that were read and have no answer yet, beside `steward.vault.records-open-max` other
  /// commands; at the sum, no command is read, cancels neither.
  int callsOpenMax();
}
