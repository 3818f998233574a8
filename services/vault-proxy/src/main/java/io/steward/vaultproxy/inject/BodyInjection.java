package io.steward.vaultproxy.inject;

import java.util.ArrayList;
import java.util.List;

/// Puts secrets into bodies.
public final class BodyInjection {
  /// Replacements in one body. Secrets are longer than placeholders, so without a limit a small
  /// body would become a huge one.
  public static final int HITS_MAX = 64;

  private BodyInjection() {}

  /// Whether any of `injections` may stand in a body.
  public static boolean any(List<Injection> injections) {
    return injections.stream()
        .anyMatch(
            injection -> injection.form() instanceof Injection.Replace replace && replace.body());
  }

  /// For one body.
  ///
  /// @param injections those for the host the request goes to
  public static ByteReplacer of(List<Injection> injections) {
    List<Replacement> replacements = new ArrayList<>();
    for (Injection injection : injections) {
      if (injection.form() instanceof Injection.Replace replace && replace.body()) {
        replacements.add(replace.replacement(injection.credentialId()));
      }
    }
    return new ByteReplacer(replacements, HITS_MAX);
  }
}
