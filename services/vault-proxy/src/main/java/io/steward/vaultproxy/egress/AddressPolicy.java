package io.steward.vaultproxy.egress;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Whether something that acts for an agent may connect to an address: only to what is on the
/// public internet, and to what the operator allows by name of its range.
///
/// An IPv6 address that stands for an IPv4 address is as good as both: neither may be refused.
/// Source: the special-purpose address registries of IANA (RFC 6890), and the addresses at which
/// clouds hand out credentials.
public final class AddressPolicy {
  private static final int IPV6_BYTES = 16;

  private static final List<AddressRange> REFUSED_IPV4 =
      ranges(
          "0.0.0.0/8", // this network
          "10.0.0.0/8", // private
          "100.64.0.0/10", // behind a provider's NAT; metadata of Alibaba Cloud
          "127.0.0.0/8", // loopback
          "168.63.129.16/32", // metadata of Azure
          "169.254.0.0/16", // link-local; metadata of most clouds
          "172.16.0.0/12", // private
          "192.0.0.0/24", // protocol assignments; metadata of Oracle Cloud
          "192.0.2.0/24", // documentation
          "192.88.99.0/24", // relays of 6to4, given up
          "192.168.0.0/16", // private
          "198.18.0.0/15", // benchmarks
          "198.51.100.0/24", // documentation
          "203.0.113.0/24", // documentation
          "224.0.0.0/4", // multicast
          "240.0.0.0/4"); // reserved, and broadcast

  /// Everything else is loopback, unspecified, link-local, site-local, unique local, multicast, or
  /// not given out.
  private static final List<AddressRange> PUBLIC_IPV6 = ranges("2000::/3", "64:ff9b::/96");

  private static final List<AddressRange> REFUSED_IPV6 =
      ranges(
          "2001::/23", // protocol assignments, Teredo among them
          "2001:db8::/32", // documentation
          "2002::/16", // 6to4, given up
          "3fff::/20"); // documentation

  private static final AddressRange COMPATIBLE = AddressRange.parse("::/96");
  private static final AddressRange TRANSLATED = AddressRange.parse("64:ff9b::/96");
  private static final AddressRange TRANSLATED_HERE = AddressRange.parse("64:ff9b:1::/48");
  private static final AddressRange SIX_TO_FOUR = AddressRange.parse("2002::/16");
  private static final AddressRange TEREDO = AddressRange.parse("2001::/32");

  private final List<AddressRange> allowed;

  /// @param allowed what the operator allows although it is refused otherwise; none by default
  public AddressPolicy(List<AddressRange> allowed) {
    this.allowed = List.copyOf(allowed);
  }

  /// @param allowed ranges with commas between them, as `STEWARD_EGRESS_ALLOWED_ADDRESSES` has them
  /// @throws IllegalArgumentException when one is not a range
  public static AddressPolicy parse(String allowed) {
    return new AddressPolicy(
        Arrays.stream(allowed.split(",", -1))
            .filter(range -> !range.isBlank())
            .map(AddressRange::parse)
            .toList());
  }

  /// Whether a connection may go to `address`. Its scope does not matter.
  public boolean allows(InetAddress address) {
    for (InetAddress meant : meanings(address)) {
      if (refused(meant) && allowed.stream().noneMatch(range -> range.contains(meant))) {
        return false;
      }
    }
    return true;
  }

  private static boolean refused(InetAddress address) {
    if (address instanceof Inet4Address) {
      return in(REFUSED_IPV4, address);
    }
    return !in(PUBLIC_IPV6, address) || in(REFUSED_IPV6, address);
  }

  /// The address, and the IPv4 addresses it may stand for.
  private static List<InetAddress> meanings(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != IPV6_BYTES) {
      return List.of(address);
    }
    List<InetAddress> found = new ArrayList<>();
    if (mapped(bytes)) {
      return List.of(ipv4(bytes, 12, 0));
    }
    found.add(address);
    boolean compatible =
        COMPATIBLE.contains(address)
            && !address.isAnyLocalAddress()
            && !address.isLoopbackAddress();
    boolean last =
        compatible
            || TRANSLATED.contains(address)
            || TRANSLATED_HERE.contains(address)
            || isatap(bytes);
    if (last) {
      found.add(ipv4(bytes, 12, 0));
    }
    if (SIX_TO_FOUR.contains(address)) {
      found.add(ipv4(bytes, 2, 0));
    }
    if (TEREDO.contains(address)) {
      found.add(ipv4(bytes, 4, 0)); // the server
      found.add(ipv4(bytes, 12, 0xff)); // the client, with its bits turned
    }
    return found;
  }

  /// RFC 5214: an interface id of `0:5efe` or `200:5efe`, and then an IPv4 address.
  private static boolean isatap(byte[] bytes) {
    return (bytes[8] & 0xfd) == 0
        && bytes[9] == 0
        && (bytes[10] & 0xff) == 0x5e
        && (bytes[11] & 0xff) == 0xfe;
  }

  private static InetAddress ipv4(byte[] bytes, int from, int turned) {
    byte[] four = Arrays.copyOfRange(bytes, from, from + 4);
    for (int i = 0; i < four.length; i++) {
      four[i] ^= (byte) turned;
    }
    return address(four);
  }

  /// `::ffff:0:0/96`. Java makes an IPv4 address of most of these by itself.
  private static boolean mapped(byte[] bytes) {
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[10] == -1 && bytes[11] == -1;
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // Only for a wrong number of bytes.
    }
  }

  private static boolean in(List<AddressRange> ranges, InetAddress address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }

  private static List<AddressRange> ranges(String... ranges) {
    return Arrays.stream(ranges).map(AddressRange::parse).toList();
  }
}
