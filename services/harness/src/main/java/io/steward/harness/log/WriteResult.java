package io.steward.harness.log;

import io.steward.schemas.id.SessionId;
import java.util.Map;

/// What came of a transaction.
public sealed interface WriteResult {
  /// @param lastOffsets offset of the last record of each session that has one
  record Committed(Map<SessionId, Long> lastOffsets) implements WriteResult {}

  /// Nothing of it was written; the writer can be used again.
  ///
  /// @param permanent whether the same records would be refused again
  record Refused(RuntimeException cause, boolean permanent) implements WriteResult {}

  /// Nobody knows, and the writer is of no more use: another one fenced it, or the broker is away.
  record Lost(RuntimeException cause) implements WriteResult {}
}
