package io.steward.vaultproxy.inject;

import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.policy.HostSet;

/// A secret of a session and where it may go. Source: contract/platform.md §3.5.
///
/// @param secret asked for only where it is used
/// @param hosts the credential allows
/// @param header whether it may stand in values of headers
/// @param body whether it may stand in bodies
public record Injection(
    String vaultId,
    String credentialId,
    Placeholder placeholder,
    byte[] secret,
    HostSet hosts,
    boolean header,
    boolean body) {
  public boolean covers(HostName host) {
    return hosts.covers(host);
  }

  /// Whether it can stand in a header without ending it.
  boolean fitsHeader() {
    for (byte b : secret) {
      if (b == '\r' || b == '\n' || b == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return "Injection[" + credentialId + "]";
  }
}
