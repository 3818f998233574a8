package io.steward.vaultproxy.vault;

import java.util.Locale;

/// A field of `auth` that is written and never shown.
public enum SecretField {
  TOKEN,
  ACCESS_TOKEN,
  REFRESH_TOKEN,
  CLIENT_SECRET,
  SECRET_VALUE;

  /// The name on the wire.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
