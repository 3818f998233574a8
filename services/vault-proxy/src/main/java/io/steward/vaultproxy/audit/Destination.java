package io.steward.vaultproxy.audit;

import io.steward.vaultproxy.egress.WebUrl;
import java.net.URI;
import java.util.Locale;

/// Where a credential is sent.
///
/// @param host in lower case, without brackets
/// @param port 1 to 65535
/// @param secure whether over TLS
public record Destination(String host, int port, boolean secure) {
  private static final int HTTPS = 443;

  public static Destination of(WebUrl url) {
    return new Destination(url.host().text(), url.port(), url.secure());
  }

  /// @param url https, with a host
  public static Destination ofHttps(URI url) {
    String host = url.getHost().toLowerCase(Locale.ROOT);
    boolean bracketed = host.startsWith("[");
    return new Destination(
        bracketed ? host.substring(1, host.length() - 1) : host,
        url.getPort() < 0 ? HTTPS : url.getPort(),
        true);
  }
}
