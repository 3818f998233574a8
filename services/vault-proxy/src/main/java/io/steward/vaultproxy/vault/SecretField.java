package io.steward.vaultproxy.vault;

import java.util.Locale;

/// A field of `auth` that is written and never shown.
public enum SecretField {
  TOKEN,
  ACCESS_TOKEN,
  REFRESH_TOKEN,
  CLIENT_SECRET,
  SECRET_VALUE,
  SECRET_ACCESS_KEY,
  SESSION_TOKEN;

  /// The field of that name.
  ///
  /// @throws IllegalArgumentException when there is none
  public static SecretField ofWireName(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /// The name on the wire.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
