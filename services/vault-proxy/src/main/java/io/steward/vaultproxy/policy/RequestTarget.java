package io.steward.vaultproxy.policy;

import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a request line asks a proxy for.
///
/// @param path from its slash on, with the query, as it was written: a proxy must not change it
public record RequestTarget(Endpoint endpoint, String path) {
  private static final String HTTP = "http://";
  private static final String HTTPS = "https://";
  private static final Pattern ABSOLUTE = Pattern.compile("http://([^/?#]*)([^#]*)");
  private static final Pattern AUTHORITY = Pattern.compile("[^/?#]+:[0-9]{1,5}");

  /// The target of a `CONNECT`: a host with a port.
  ///
  /// @throws EgressRefusal when it is none
  public static Endpoint authority(String text) throws EgressRefusal {
    if (!AUTHORITY.matcher(text).matches()) {
      throw new EgressRefusal("CONNECT needs a host and a port, as in example.com:443.");
    }
    return endpoint(HTTPS, text);
  }

  /// The target of any other method: a whole `http` URL.
  ///
  /// @throws EgressRefusal when it is none
  public static RequestTarget absolute(String text) throws EgressRefusal {
    boolean written = text.regionMatches(true, 0, HTTP, 0, HTTP.length()) && isVisible(text);
    Matcher parts = ABSOLUTE.matcher(written ? HTTP + text.substring(HTTP.length()) : "");
    if (!parts.matches()) {
      throw new EgressRefusal(
          "This is a proxy: a request names the whole URL, beginning with http:// and without"
              + " fragment; https goes through CONNECT.");
    }
    String path = parts.group(2);
    return new RequestTarget(
        endpoint(HTTP, parts.group(1)), path.startsWith("/") ? path : "/" + path);
  }

  /// What the `Host` of a request inside a tunnel names; the port is that of TLS when it names
  /// none.
  ///
  /// @throws EgressRefusal when it names nothing
  public static Endpoint host(String text) throws EgressRefusal {
    if (text.indexOf('/') >= 0 || text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
      throw new EgressRefusal("The Host header is not a host.");
    }
    return endpoint(HTTPS, text.toLowerCase(Locale.ROOT));
  }

  /// Whether `text` is what a request inside a tunnel names: a path, or the `*` of `OPTIONS`.
  public static boolean isPath(String text) {
    return text.equals("*") || text.startsWith("/") && text.indexOf('#') < 0 && isVisible(text);
  }

  private static boolean isVisible(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private static Endpoint endpoint(String scheme, String authority) throws EgressRefusal {
    WebUrl url = WebUrl.parse(scheme + authority + "/");
    return new Endpoint(url.host(), url.port());
  }
}
