package io.steward.vaultproxy.web;

import java.util.OptionalInt;

/// One call of `web_fetch`.
///
/// @param url as the model wrote it
/// @param domains of the tool's configuration
/// @param contentTokensMax of a text, from 1; a token is taken as [#TOKEN_CHARS] characters. Does
///   not apply to a PDF.
public record WebRequest(String url, DomainRules domains, OptionalInt contentTokensMax) {
  /// Characters of a token, roughly.
  public static final int TOKEN_CHARS = 4;

  public WebRequest {
    if (contentTokensMax.orElse(1) < 1) {
      throw new IllegalArgumentException("contentTokensMax is at least 1: " + contentTokensMax);
    }
  }

  int textCharsMax(WebLimits limits) {
    long chars = (long) contentTokensMax.orElse(Integer.MAX_VALUE) * TOKEN_CHARS;
    return (int) Math.min(chars, limits.textCharsMax());
  }
}
