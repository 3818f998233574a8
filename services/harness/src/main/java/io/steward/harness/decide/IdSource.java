package io.steward.harness.decide;

/// Makes ids.
@FunctionalInterface
public interface IdSource {
  /// A fresh id that starts with `prefix`, such as `sevt_`.
  String next(String prefix);
}
