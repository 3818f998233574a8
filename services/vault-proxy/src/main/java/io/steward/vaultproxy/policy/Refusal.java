package io.steward.vaultproxy.policy;

import java.util.Locale;

/// Why something is not let out.
///
/// @param sentence for the agent: it names what was asked for, and never an address that a name
///   stands for
public record Refusal(Reason reason, String sentence) {
  /// The kinds of refusal, for metrics and logs: a closed list, so that no tag comes from outside.
  public enum Reason {
    /// The request could be read in more than one way, or in none.
    MALFORMED,
    /// No identity, or one of a sandbox that has ended.
    UNKNOWN_SANDBOX,
    /// The name, or the way it is written.
    HOST,
    PORT,
    /// The name is allowed, and what it stands for is not.
    ADDRESS,
    /// Inside a tunnel, another host was named than the tunnel is for.
    MISDIRECTED,
    /// A secret that does not fit where its placeholder stands.
    SECRET,
    /// A limit of the sandbox or of the proxy.
    LIMIT,
    /// The host does not answer, or not as it should.
    UPSTREAM,
    /// Its certificate is not trusted for its name.
    CERTIFICATE;

    /// As metrics name it.
    public String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
