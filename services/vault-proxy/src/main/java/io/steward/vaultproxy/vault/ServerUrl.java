package io.steward.vaultproxy.vault;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// URLs of MCP servers and token endpoints.
final class ServerUrl {
  private static final int CHARS_MAX = 2048;
  private static final int PORT_MAX = 65_535;

  private ServerUrl() {}

  /// The URL in a field, as it was sent.
  static String read(Field field) {
    String url = field.text(1, CHARS_MAX);
    if (url.contains("@") && parsed(url).isEmpty()) {
      throw field.unusable("must be an absolute http or https URL without user and password");
    }
    if (parsed(url).isEmpty()) {
      throw field.refused("must be an absolute http or https URL of ASCII characters");
    }
    return url;
  }

  /// Whether `url` is one that could have been read.
  static boolean isUsable(String url) {
    return !url.isEmpty() && url.length() <= CHARS_MAX && parsed(url).isPresent();
  }

  /// The form in which URLs are compared: scheme and host in lower case, without the default port
  /// and a slash at the end. All else stays: contract/platform.md §3.5.
  ///
  /// @param url one that was read
  static String normalised(String url) {
    URI uri = parsed(url).orElseThrow();
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int defaultPort = scheme.equals("https") ? 443 : 80;
    StringBuilder text = new StringBuilder(scheme).append("://");
    text.append(uri.getHost().toLowerCase(Locale.ROOT));
    if (uri.getPort() >= 0 && uri.getPort() != defaultPort) {
      text.append(':').append(uri.getPort());
    }
    text.append(uri.getRawPath());
    if (uri.getRawQuery() != null) {
      text.append('?').append(uri.getRawQuery());
    }
    if (uri.getRawFragment() != null) {
      text.append('#').append(uri.getRawFragment());
    }
    boolean bare = uri.getRawQuery() == null && uri.getRawFragment() == null;
    if (bare && uri.getRawPath().endsWith("/")) {
      text.setLength(text.length() - 1);
    }
    return text.toString();
  }

  private static Optional<URI> parsed(String url) {
    try {
      URI uri = new URI(url);
      boolean http = "http".equalsIgnoreCase(uri.getScheme());
      boolean https = "https".equalsIgnoreCase(uri.getScheme());
      boolean usable =
          (http || https)
              && uri.getHost() != null
              && uri.getRawUserInfo() == null // It may be a password, and URLs are shown.
              && uri.getPort() <= PORT_MAX
              && StandardCharsets.US_ASCII.newEncoder().canEncode(url);
      return usable ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }
}
