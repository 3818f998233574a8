package io.steward.vaultproxy.inject;

import io.steward.schemas.vault.Placeholders;
import java.nio.charset.StandardCharsets;

/// What a sandbox holds instead of a secret; [Placeholders] says how it looks and how it is made.
public record Placeholder(String text) {
  public Placeholder {
    if (!Placeholders.matches(text)) {
      throw new IllegalArgumentException("not a placeholder: " + text);
    }
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
