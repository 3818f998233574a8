package io.steward.vaultproxy.inject;

/// Bytes that are replaced by others.
///
/// @param from at least one byte
/// @param credentialId whose secret is put in or taken out
public record Replacement(byte[] from, byte[] to, String credentialId) {
  public Replacement {
    if (from.length == 0) {
      throw new IllegalArgumentException("nothing to replace");
    }
  }

  @Override
  public String toString() {
    return "Replacement[" + credentialId + "]";
  }
}
