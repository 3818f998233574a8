package io.steward.vaultproxy.vault;

/// The value of a secret. It is never printed.
public record SecretValue(String text) {
  /// Whether a header can carry it: visible ASCII characters only.
  public boolean fitsHeader() {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  @Override
  public String toString() {
    return "***";
  }
}
