package io.steward.vaultproxy.outbound;

/// Sees a body come, part by part, and says when it has seen enough. Called by the event loop: it
/// never waits, and never throws.
@FunctionalInterface
public interface Appetite {
  /// Takes the body to its end.
  Appetite WHOLE = _ -> false;

  /// Whether nothing after `part` is wanted any more.
  boolean satisfied(byte[] part);
}
