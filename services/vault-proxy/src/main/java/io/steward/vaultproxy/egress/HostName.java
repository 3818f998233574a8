package io.steward.vaultproxy.egress;

import java.net.IDN;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/// The host of a URL: a DNS name or an address, in its one normal spelling.
///
/// What only some programs take for an address is refused rather than guessed: `2130706433`,
/// `0177.0.0.1`, `0x7f.1` and `127.1` are none, and no DNS names either.
public sealed interface HostName {
  int CHARS_MAX = 253;
  int LABEL_CHARS_MAX = 63;

  /// A name to be resolved: lower case, ASCII, no dot at its end.
  record Name(String text) implements HostName {
    @Override
    public String authority() {
      return text;
    }
  }

  /// An address, written as such.
  record Literal(InetAddress address) implements HostName {
    @Override
    public String text() {
      return address.getHostAddress();
    }

    @Override
    public String authority() {
      return address instanceof Inet4Address ? text() : "[" + text() + "]";
    }
  }

  /// As TLS and DNS want it.
  String text();

  /// As a URL wants it: an IPv6 address in brackets.
  String authority();

  /// @param host as it stands in a URL, without port and user information
  /// @throws EgressRefusal when it is no host
  static HostName parse(String host) throws EgressRefusal {
    if (host.startsWith("[")) {
      return Spelling.ipv6(host);
    }
    String ascii = Spelling.ascii(host);
    String name = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
    if (name.isEmpty() || name.length() > CHARS_MAX) {
      throw new EgressRefusal("The host of a URL has 1 to " + CHARS_MAX + " characters.");
    }
    String[] labels = name.split("\\.", -1);
    for (String label : labels) {
      Spelling.requireLabel(label);
    }
    if (Spelling.NUMBER.matcher(labels[labels.length - 1]).matches()) {
      return Spelling.ipv4(name);
    }
    return new Name(name);
  }

  /// How hosts are spelled.
  final class Spelling {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-fA-F:.]{2,45}]");

    /// The last label of a name that some programs read as an IPv4 address.
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");

    private static final String OCTET = "(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

    private Spelling() {}

    private static String ascii(String host) throws EgressRefusal {
      boolean plain = host.chars().allMatch(c -> c < 0x80);
      try {
        String ascii = plain ? host : IDN.toASCII(Normalizer.normalize(host, Normalizer.Form.NFKC));
        return ascii.toLowerCase(Locale.ROOT);
      } catch (IllegalArgumentException e) {
        throw noHost();
      }
    }

    private static void requireLabel(String label) throws EgressRefusal {
      if (label.length() > LABEL_CHARS_MAX || !LABEL.matcher(label).matches()) {
        throw noHost();
      }
    }

    private static HostName ipv4(String name) throws EgressRefusal {
      if (!IPV4.matcher(name).matches()) {
        throw new EgressRefusal(
            "The host of the URL is no address: an IPv4 address is four plain decimal numbers.");
      }
      return new Literal(InetAddress.ofLiteral(name));
    }

    private static HostName ipv6(String host) throws EgressRefusal {
      if (!IPV6.matcher(host).matches() || !host.contains(":")) {
        throw noHost();
      }
      try {
        return new Literal(InetAddress.ofLiteral(host.substring(1, host.length() - 1)));
      } catch (IllegalArgumentException e) {
        throw noHost();
      }
    }

    private static EgressRefusal noHost() {
      return new EgressRefusal("The host of the URL is not a host name.");
    }
  }
}
