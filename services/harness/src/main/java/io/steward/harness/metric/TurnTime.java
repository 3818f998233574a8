package io.steward.harness.metric;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// The time of one turn, and when in it somebody else was at work: a model, or a tool.
///
/// @param begun when its message was read
/// @param ended when its end was read
/// @param work in any order; may overlap, because tools run side by side
public record TurnTime(Instant begun, Instant ended, List<Work> work) {
  public TurnTime {
    work = List.copyOf(work);
  }

  /// A model or a tool at work.
  public record Work(Instant from, Instant to) {}

  /// How long the turn took.
  public Duration whole() {
    return between(begun, ended);
  }

  /// What of it was neither a model's nor a tool's time.
  public Duration overhead() {
    Duration overhead = Duration.ZERO;
    Instant reached = begun;
    List<Work> inOrder = work.stream().sorted(Comparator.comparing(Work::from)).toList();
    for (Work next : inOrder) {
      overhead = overhead.plus(between(reached, earlier(next.from(), ended)));
      reached = next.to().isAfter(reached) ? next.to() : reached;
    }
    return overhead.plus(between(reached, ended));
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /// Clocks may be set back.
  private static Duration between(Instant from, Instant to) {
    return from.isBefore(to) ? Duration.between(from, to) : Duration.ZERO;
  }
}
