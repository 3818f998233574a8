package io.steward.simulation;

/// Mistakes that the simulation must find. Each is made where the simulation wires production code
/// to its surroundings, never in production code. `docs/simulation.md` says how soon each is found.
public enum SeededBug {
  /// Transactions are written under an id of the process, and the group is not asked: an owner that
  /// lost its partition goes on writing.
  NO_FENCE,
  /// The group is not asked whether the writer is still a member: a stalled former owner that gets
  /// the transactional id late fences the rightful owner and writes.
  TRANSACTIONAL_ID_ONLY,
  /// Transactions are written under an id of the process: one that was open when the partition went
  /// can still be committed behind the new owner's back.
  GROUP_ONLY,
  /// A new owner takes sessions as the projection happens to know them, and acts at once.
  ACTS_BEFORE_STABLE_OFFSET,
  /// A session is decided again although its last step was not read back.
  DECIDES_BEFORE_READ_BACK,
  /// The journal of tool calls is on the disk of the sandbox, and goes with it.
  JOURNAL_IN_SANDBOX,
  /// `started` is written to the journal when the command already runs.
  JOURNAL_AFTER_FIRST_BYTE,
  /// Commands of transactions that were aborted are run.
  READS_UNCOMMITTED_COMMANDS,
  /// The projection stores the offset behind its last record, so it never passes a marker.
  POSITION_WITHOUT_MARKERS,
  /// The projection stores its position in a transaction of its own, before the rows.
  POSITION_BEFORE_ROWS,
  /// A stream shows previews as they come, also behind their message.
  PREVIEW_AFTER_MESSAGE,
  /// A commit whose answer is lost counts as refused, and the step is decided again.
  LOST_REPLY_IS_REFUSAL,
  /// A client hears that its events are accepted before the log has them.
  ACCEPTS_BEFORE_APPEND,
  /// An append whose answer is lost is written again as another record.
  APPENDS_TWICE
}
