package io.steward.vaultproxy.inject;

import java.util.List;

/// Puts secrets into bodies.
public final class BodyInjection {
  /// Replacements in one body. Secrets are longer than placeholders, so without a limit a small
  /// body would become a huge one.
  public static final int HITS_MAX = 64;

  private BodyInjection() {}

  /// Whether any of `injections` may stand in a body.
  public static boolean any(List<Injection> injections) {
    return injections.stream().anyMatch(Injection::body);
  }

  /// For one body.
  ///
  /// @param injections those for the host the request goes to
  public static ByteReplacer of(List<Injection> injections) {
    return new ByteReplacer(
        injections.stream()
            .filter(Injection::body)
            .map(injection ->
                new Replacement(
                    injection.placeholder().bytes(), injection.secret(), injection.credentialId()))
            .toList(),
        HITS_MAX);
  }
}
