package io.steward.vaultproxy.egress;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An absolute `http` or `https` URL in its one normal spelling, without user information and
/// without fragment.
///
/// @param secure whether it is `https`
/// @param port 1 to 65535
/// @param path from its slash on, with the query, in ASCII
public record WebUrl(boolean secure, HostName host, int port, String path) {
  /// Characters of a URL, as it was written.
  public static final int CHARS_MAX = 2048;

  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final int PORT_MAX = 65_535;
  private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):(.*)");
  private static final Pattern AUTHORITY = Pattern.compile("//([^/?]*)(.*)");
  private static final Pattern HOST_PORT =
      Pattern.compile("(\\[[^\\]]*]|[^:\\[\\]]*)(?::([0-9]{0,5}))?");
  private static final String KEPT = "-._~:/?@!$&'()*+,;=%";

  /// Other protocols live here, and none of them shall be spoken to by way of a URL. Any other port
  /// is as good as 80: the address decides.
  private static final Set<Integer> PORTS_REFUSED =
      Set.of(
          7, 9, 19, 20, 21, 22, 23, 25, 53, 69, 79, 110, 111, 119, 123, 135, 137, 139, 143, 161,
          179, 389, 445, 465, 512, 513, 514, 515, 554, 587, 601, 636, 873, 989, 990, 993, 995, 1719,
          1720, 1723, 2049, 3306, 3389, 3659, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666,
          6667, 6668, 6669, 6697, 9092, 10_080, 11_211, 27_017);

  /// @throws EgressRefusal when `text` is not such a URL
  public static WebUrl parse(String text) throws EgressRefusal {
    Matcher scheme = SCHEME.matcher(requireWritten(text));
    if (!scheme.matches()) {
      throw new EgressRefusal("The URL must begin with http:// or https://.");
    }
    String name = scheme.group(1).toLowerCase(Locale.ROOT);
    if (!name.equals("http") && !name.equals("https")) {
      throw new EgressRefusal("Only http and https URLs can be fetched, and this is none.");
    }
    Matcher rest = AUTHORITY.matcher(scheme.group(2));
    if (!rest.matches()) {
      throw new EgressRefusal("The URL must begin with http:// or https://.");
    }
    boolean secure = name.equals("https");
    String authority = rest.group(1);
    if (authority.contains("@")) {
      throw new EgressRefusal("A URL with a user name or a password cannot be fetched.");
    }
    Matcher parts = HOST_PORT.matcher(authority);
    if (!parts.matches()) {
      throw new EgressRefusal("The host of the URL is not a host name.");
    }
    HostName host = HostName.parse(parts.group(1));
    String digits = parts.group(2);
    int port = digits == null || digits.isEmpty() ? usual(secure) : Integer.parseInt(digits);
    return new WebUrl(secure, host, requirePort(port), resolved("/", rest.group(2)));
  }

  /// Where a redirect with `location` leads from here.
  ///
  /// @throws EgressRefusal when it leads nowhere one may go, or from https to http
  public WebUrl redirected(String location) throws EgressRefusal {
    String written = requireWritten(location);
    WebUrl target;
    if (SCHEME.matcher(written).matches()) {
      target = parse(written);
    } else if (written.startsWith("//")) {
      target = parse((secure ? "https:" : "http:") + written);
    } else {
      target = new WebUrl(secure, host, port, resolved(path, written));
    }
    if (secure && !target.secure()) {
      throw new EgressRefusal("The page redirects from https to http, and that is not followed.");
    }
    return target;
  }

  /// Host and port, without the usual port: the `Host` header.
  public String authority() {
    return port == usual(secure) ? host.authority() : host.authority() + ":" + port;
  }

  @Override
  public String toString() {
    return (secure ? "https://" : "http://") + authority() + path;
  }

  private static String requireWritten(String text) throws EgressRefusal {
    String stripped = text.strip();
    if (stripped.length() > CHARS_MAX) {
      throw new EgressRefusal("A URL has at most " + CHARS_MAX + " characters.");
    }
    if (stripped.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\')) {
      throw new EgressRefusal("A URL holds no backslash and no control character.");
    }
    int fragment = stripped.indexOf('#');
    return fragment < 0 ? stripped : stripped.substring(0, fragment);
  }

  private static int requirePort(int port) throws EgressRefusal {
    if (port < 1 || port > PORT_MAX || PORTS_REFUSED.contains(port)) {
      throw new EgressRefusal("Port " + port + " is not one web pages are fetched from.");
    }
    return port;
  }

  private static int usual(boolean secure) {
    return secure ? HTTPS : HTTP;
  }

  /// `reference` as seen from `base`, both from the path on (RFC 3986, 5.2).
  private static String resolved(String base, String reference) {
    if (reference.isEmpty()) {
      return base;
    }
    String basePath = beforeQuery(base);
    String encoded = encoded(reference);
    if (encoded.startsWith("?")) {
      return basePath + encoded;
    }
    String path = beforeQuery(encoded);
    String query = encoded.substring(path.length());
    String folder = basePath.substring(0, basePath.lastIndexOf('/') + 1);
    return withoutDots(path.startsWith("/") ? path : folder + path) + query;
  }

  private static String beforeQuery(String path) {
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  private static String withoutDots(String path) {
    String[] segments = path.substring(1).split("/", -1);
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < segments.length; i++) {
      boolean up = segments[i].equals("..");
      boolean dots = up || segments[i].equals(".");
      if (up && !kept.isEmpty()) {
        kept.removeLast();
      }
      if (!dots) {
        kept.add(segments[i]);
      } else if (i == segments.length - 1) {
        kept.add("");
      }
    }
    return "/" + String.join("/", kept);
  }

  /// What is not allowed in a path or query, in percent signs; a percent sign that begins nothing,
  /// too.
  private static String encoded(String text) {
    StringBuilder ascii = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean kept =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || KEPT.indexOf(c) >= 0;
      ascii.append(kept ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
    }
    return ascii.toString().replaceAll("%(?![0-9a-fA-F]{2})", "%25");
  }
}
