package io.steward.sandbox.egress;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the egress proxy listens.
///
/// @param host a name or an address; of IPv6 in brackets, as in URLs
/// @param port from 1 to 65,535
public record ProxyAddress(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}]|[A-Za-z0-9._-]{1,253}):([0-9]{1,5})");
  private static final int PORT_MAX = 65_535;

  /// The address in `text`.
  ///
  /// @param setting what the text is the value of
  /// @throws IllegalArgumentException when it is no `host:port`
  public static ProxyAddress parse(String setting, String text) {
    Matcher matcher = FORM.matcher(text.strip());
    int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException(
          "%s must be host:port with a port from 1 to %d, such as 127.0.0.1:8889, got %s"
              .formatted(setting, PORT_MAX, text));
    }
    return new ProxyAddress(matcher.group(1), port);
  }

  /// The same with an address in place of a name, for those who can ask no name server.
  ///
  /// @throws UnknownHostException when nobody knows the name
  public ProxyAddress resolved() throws UnknownHostException {
    InetAddress address = InetAddress.getByName(host);
    String text = address.getHostAddress();
    return new ProxyAddress(address instanceof Inet6Address ? "[" + text + "]" : text, port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
