package io.steward.schemas.session;

import io.steward.schemas.event.Evaluation.Permission;
import java.util.List;

/// What the scripted harness hears from its model.
sealed interface Reply {
  /// The model has nothing more to do.
  record Says(String text) implements Reply {}

  /// The model calls tools, all in one reply.
  record Calls(List<Call> calls) implements Reply {
    Calls(Call... calls) {
      this(List.of(calls));
    }
  }

  /// The model refuses.
  record Refuses() implements Reply {}

  /// The provider wants to be asked again with the same conversation.
  record Pauses() implements Reply {}

  /// The token limit cuts the reply.
  record CutOff() implements Reply {}

  /// The conversation does not fit the model's context window.
  record Exceeds() implements Reply {}

  /// The request fails; the harness tries again later.
  record FailsOnce() implements Reply {}

  /// The request fails, and so did all attempts before it.
  record FailsForGood() implements Reply {}

  /// The request fails in a way no session recovers from.
  record FailsTerminally() implements Reply {}

  /// One tool call.
  sealed interface Call {
    String id();
  }

  record BuiltIn(String id, Permission permission) implements Call {}

  record Mcp(String id, Permission permission) implements Call {}

  record Custom(String id) implements Call {}

  static BuiltIn allowed(String id) {
    return new BuiltIn(id, Permission.ALLOW);
  }

  static BuiltIn asked(String id) {
    return new BuiltIn(id, Permission.ASK);
  }

  static BuiltIn refused(String id) {
    return new BuiltIn(id, Permission.DENY);
  }

  static Custom custom(String id) {
    return new Custom(id);
  }
}
