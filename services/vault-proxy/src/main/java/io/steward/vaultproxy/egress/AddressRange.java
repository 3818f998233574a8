package io.steward.vaultproxy.egress;

import java.net.Inet4Address;
import java.net.InetAddress;

/// A range of addresses in CIDR form, as in `10.0.0.0/8` or `fc00::/7`. An address alone is a range
/// of one. The bits behind the prefix do not matter.
///
/// @param prefixBits 0 to 32, or to 128
public record AddressRange(InetAddress network, int prefixBits) {
  public AddressRange {
    int bits = network.getAddress().length * Byte.SIZE;
    if (prefixBits < 0 || prefixBits > bits) {
      throw new IllegalArgumentException(
          "prefix of " + prefixBits + " bits: an address like this has 0 to " + bits);
    }
  }

  /// @throws IllegalArgumentException when `text` is no address and no range
  public static AddressRange parse(String text) {
    String stripped = text.strip();
    int slash = stripped.indexOf('/');
    String address = slash < 0 ? stripped : stripped.substring(0, slash);
    InetAddress network = literal(address, text);
    int bits = network.getAddress().length * Byte.SIZE;
    if (slash < 0) {
      return new AddressRange(network, bits);
    }
    String prefix = stripped.substring(slash + 1);
    if (!prefix.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("not a range of addresses: " + text);
    }
    return new AddressRange(network, Integer.parseInt(prefix));
  }

  /// Whether `address` is in this range. An IPv4 address never is in a range of IPv6 ones.
  public boolean contains(InetAddress address) {
    byte[] mine = network.getAddress();
    byte[] other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    int whole = prefixBits / Byte.SIZE;
    for (int i = 0; i < whole; i++) {
      if (mine[i] != other[i]) {
        return false;
      }
    }
    int rest = Byte.SIZE - prefixBits % Byte.SIZE;
    return rest == Byte.SIZE || (mine[whole] & 0xff) >> rest == (other[whole] & 0xff) >> rest;
  }

  private static InetAddress literal(String address, String text) {
    boolean numbers =
        address.matches("[0-9.]+") || address.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    if (!numbers) {
      throw new IllegalArgumentException("not a range of addresses: " + text);
    }
    InetAddress parsed = InetAddress.ofLiteral(address);
    if (parsed instanceof Inet4Address && !parsed.getHostAddress().equals(address)) {
      throw new IllegalArgumentException("not four plain decimal numbers: " + text);
    }
    return parsed;
  }
}
