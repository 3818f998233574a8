package io.steward.e2e.fault.crowd;

import java.util.List;

/// The kinds of sessions in a crowd: how many of each, and what its model does, request by request.
enum Role {
  TOOLS(5, Step.CALL, Step.CALL, Step.CALL, Step.TEXT),
  PARALLEL(3, Step.THREE_CALLS, Step.THREE_CALLS, Step.TEXT),
  ASKING(3, Step.CALL, Step.THREE_CALLS, Step.TEXT),
  CUSTOM(3, Step.CUSTOM_CALL, Step.CALL, Step.CUSTOM_CALL, Step.TEXT),
  /// Its second message is sent while it works on the first.
  QUEUED(2, Step.CALL, Step.CALL, Step.TEXT, Step.CALL, Step.TEXT),
  COMPACTING(1, Step.BIG_CALL, Step.BIG_CALL, Step.BIG_CALL, Step.BIG_CALL, Step.CALL, Step.TEXT),
  /// Calls no tool before the end. Before projection is hit it sends many events.
  TALKING(1, Step.TEXT),
  /// Is created only after the fault has begun.
  LATE(2, Step.CALL, Step.TEXT);

  /// What the model does with one request.
  enum Step {
    CALL,
    THREE_CALLS,
    /// A call with so much output that the context fills up.
    BIG_CALL,
    CUSTOM_CALL,
    TEXT
  }

  private final int count;
  private final List<Step> steps;

  Role(int count, Step... steps) {
    this.count = count;
    this.steps = List.of(steps);
  }

  /// How many sessions of a crowd are of this kind.
  int count() {
    return count;
  }

  /// What the model does with the request of this number, counted from 1.
  Step step(int number) {
    return number <= steps.size() ? steps.get(number - 1) : Step.TEXT;
  }

  /// Whether sessions of this kind wait for a fault that hits the model.
  boolean waitsWithTheModel() {
    return this == TOOLS || this == PARALLEL || this == TALKING;
  }
}
