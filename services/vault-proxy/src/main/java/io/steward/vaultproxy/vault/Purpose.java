package io.steward.vaultproxy.vault;

import java.util.Optional;

/// What a credential is for, in the form that is compared.
///
/// @param field the field of `auth` that says so
/// @param value a normalised URL, or the name of a variable
public record Purpose(String field, String value) {
  static Purpose mcpServer(String url) {
    return new Purpose("mcp_server_url", ServerUrl.normalised(url));
  }

  /// The purpose of credentials for a server; empty when there can be none for that URL.
  public static Optional<Purpose> ofMcpServer(String url) {
    return ServerUrl.isUsable(url) ? Optional.of(mcpServer(url)) : Optional.empty();
  }

  static Purpose variable(String name) {
    return new Purpose("secret_name", name);
  }

  /// Field and value as one text.
  public String text() {
    return field + " " + value;
  }
}
