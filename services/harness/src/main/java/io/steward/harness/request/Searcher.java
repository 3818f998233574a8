package io.steward.harness.request;

/// Who searches the web when a model calls `web_search`.
public enum Searcher {
  /// The tool is not offered.
  NOBODY,
  /// The call is commanded, like one of `web_fetch`.
  VAULT_PROXY,
  /// This harness asks a model whose provider can search (ADR 21).
  PROVIDER
}
