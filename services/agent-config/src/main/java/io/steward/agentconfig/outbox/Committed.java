package io.steward.agentconfig.outbox;

/// What a transaction stored, and how far the outbox must be published for others to see it.
///
/// @param position position of the last record in the outbox, 0 when nothing has to be published
public record Committed<T>(T value, long position) {
  /// A value that was already there.
  public static <T> Committed<T> unchanged(T value) {
    return new Committed<>(value, 0);
  }
}
