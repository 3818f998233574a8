package io.steward.e2e.fault.check;

import java.util.List;

/// One attempt to send events of one kind.
///
/// @param type of the events
/// @param tokens what tells each event from all others: a text only this attempt carries, or the id
///   of the call it answers
/// @param ids of the stored events, in the order of the tokens; empty when no answer came
public record Sent(String type, List<String> tokens, Fate fate, List<String> ids) {
  /// What the client knows of an attempt.
  public enum Fate {
    /// Answered with 200.
    ACKNOWLEDGED,
    /// No answer, or one that says that it may be tried again.
    UNKNOWN,
    /// Answered with a 4xx that says that it must not be tried again.
    REFUSED
  }
}
