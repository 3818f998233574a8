package io.steward.vaultproxy.oauth;

import org.jspecify.annotations.Nullable;

/// How far a probe of an MCP server came.
sealed interface ProbeResult {
  /// The server took the token at every step.
  record Passed() implements ProbeResult {}

  /// @param method the step it ended at
  /// @param response what the server answered, or null when it did not
  record Stopped(String method, Reason reason, @Nullable HttpReport response)
      implements ProbeResult {}

  enum Reason {
    /// Status 401: the server does not take the token.
    UNAUTHENTICATED,
    /// The server refuses for a reason that another token does not change.
    REFUSED,
    /// Nothing is known about the token: it was not even sent.
    NOT_SENT,
    /// Nothing is known about the token: no answer, one of a server in trouble, or nonsense.
    UNCLEAR
  }
}
