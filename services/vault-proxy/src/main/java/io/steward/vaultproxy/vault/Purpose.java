package io.steward.vaultproxy.vault;

import java.util.Optional;

/// What a credential is for. Two are the same when their [#text] is.
///
/// @param kind `mcp_server_url` or `secret_name`
/// @param value a normalised URL, or the name of a variable
/// @param field the field of `auth` that says so
public record Purpose(String kind, String value, String field) {
  static Purpose mcpServer(String url) {
    return new Purpose("mcp_server_url", ServerUrl.normalised(url), "mcp_server_url");
  }

  /// The purpose of credentials for a server; empty when there can be none for that URL.
  public static Optional<Purpose> ofMcpServer(String url) {
    return ServerUrl.isUsable(url) ? Optional.of(mcpServer(url)) : Optional.empty();
  }

  /// @param field the field of `auth` with the name
  static Purpose variable(String name, String field) {
    return new Purpose("secret_name", name, field);
  }

  /// Kind and value as one text.
  public String text() {
    return kind + " " + value;
  }
}
