package io.steward.vaultproxy.vault;

/// The value of a secret. It is never printed.
public record SecretValue(String text) {
  @Override
  public String toString() {
    return "***";
  }
}
