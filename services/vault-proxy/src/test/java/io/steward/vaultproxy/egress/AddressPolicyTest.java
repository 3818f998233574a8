package io.steward.vaultproxy.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPolicyTest {
  private final AddressPolicy usual = AddressPolicy.parse("");

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, unspecified",
    "0.1.2.3, this network",
    "10.0.0.1, private",
    "10.255.255.255, private",
    "100.64.0.1, carrier NAT",
    "100.100.100.200, metadata of Alibaba Cloud",
    "100.127.255.255, carrier NAT",
    "127.0.0.1, loopback",
    "127.255.255.254, loopback",
    "168.63.129.16, metadata of Azure",
    "169.254.0.1, link-local",
    "169.254.169.254, metadata",
    "169.254.170.2, metadata of containers",
    "172.16.0.1, private",
    "172.31.255.255, private",
    "192.0.0.192, metadata of Oracle Cloud",
    "192.0.2.1, documentation",
    "192.88.99.1, 6to4 relay",
    "192.168.1.1, private",
    "198.18.0.1, benchmark",
    "198.19.255.255, benchmark",
    "198.51.100.7, documentation",
    "203.0.113.9, documentation",
    "224.0.0.1, multicast",
    "239.255.255.250, multicast",
    "240.0.0.1, reserved",
    "255.255.255.255, broadcast",
    "::, unspecified",
    "::1, loopback",
    "::127.0.0.1, compatible",
    "::8.8.8.8, compatible although public",
    "::ffff:127.0.0.1, mapped",
    "::ffff:10.0.0.1, mapped",
    "::ffff:a9fe:a9fe, mapped metadata",
    "64:ff9b::7f00:1, NAT64 of loopback",
    "64:ff9b::a9fe:a9fe, NAT64 of metadata",
    "64:ff9b::10.0.0.1, NAT64 of private",
    "64:ff9b:1::808:808, local NAT64",
    "100::1, discard",
    "2001::1, Teredo",
    "2001:0:7f00:1::, Teredo with a loopback server",
    "2001:0:808:808::80ff:fffe, Teredo with a loopback client",
    "2001:2::1, benchmark",
    "2001:10::1, ORCHID",
    "2001:20::1, ORCHID 2",
    "2001:db8::1, documentation",
    "2002:7f00:1::, 6to4 of loopback",
    "2002:a00:1::1, 6to4 of private",
    "2002:808:808::1, 6to4 although public",
    "2a00:1450::5efe:7f00:1, ISATAP of loopback",
    "2a00:1450::200:5efe:a00:1, ISATAP of private",
    "3fff::1, documentation",
    "4000::1, not given out",
    "5f00::1, segment routing",
    "fc00::1, unique local",
    "fd00:ec2::254, metadata",
    "fd20:ce::254, metadata of Google Cloud",
    "fe80::1, link-local",
    "fe80::a9fe:a9fe, link-local metadata",
    "febf::1, link-local",
    "fec0::1, site-local",
    "ff02::1, multicast",
    "ff0e::1, multicast",
  })
  void what_is_not_on_the_public_internet_is_refused(String address, String what) {
    assertFalse(usual.allows(InetAddress.ofLiteral(address)), what);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "168.63.129.17",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:4860:4860::8888",
        "2606:4700:4700::1111",
        "2a00:1450:4001::200e",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8"
      })
  void what_is_on_the_public_internet_is_allowed(String address) {
    assertTrue(usual.allows(InetAddress.ofLiteral(address)));
  }

  @Test
  void a_mapped_address_that_java_keeps_as_ipv6_is_unwrapped_too() throws UnknownHostException {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = 127;
    mapped[15] = 1;
    assertFalse(usual.allows(Inet6Address.getByAddress(null, mapped, -1)));
  }

  @Test
  void an_exception_allows_its_range_and_no_more() {
    AddressPolicy policy = AddressPolicy.parse(" 127.0.0.1 , 10.1.0.0/16,fd12::/16,");

    assertTrue(policy.allows(InetAddress.ofLiteral("127.0.0.1")));
    assertTrue(policy.allows(InetAddress.ofLiteral("::ffff:127.0.0.1")));
    assertTrue(policy.allows(InetAddress.ofLiteral("10.1.255.255")));
    assertTrue(policy.allows(InetAddress.ofLiteral("fd12::1")));
    assertFalse(policy.allows(InetAddress.ofLiteral("127.0.0.2")));
    assertFalse(policy.allows(InetAddress.ofLiteral("10.2.0.0")));
    assertFalse(policy.allows(InetAddress.ofLiteral("fd13::1")));
    assertFalse(policy.allows(InetAddress.ofLiteral("::1")));
    assertFalse(policy.allows(InetAddress.ofLiteral("169.254.169.254")));
  }

  @Test
  void an_exception_for_a_tunnel_does_not_allow_what_is_behind_it() {
    AddressPolicy policy = AddressPolicy.parse("2002::/16,::1");

    assertTrue(policy.allows(InetAddress.ofLiteral("2002:808:808::1")));
    assertFalse(policy.allows(InetAddress.ofLiteral("2002:7f00:1::1")));
    assertTrue(policy.allows(InetAddress.ofLiteral("::1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        "10/8",
        "010.0.0.1",
        "localhost",
        "fe80::1%lo",
        "::/129",
        "0x7f.0.0.1"
      })
  void what_is_no_range_is_no_exception(String range) {
    assertThrows(IllegalArgumentException.class, () -> AddressPolicy.parse(range));
  }

  @Test
  void a_prefix_counts_bits() {
    assertTrue(AddressRange.parse("0.0.0.0/0").contains(InetAddress.ofLiteral("255.1.2.3")));
    assertTrue(AddressRange.parse("10.0.0.128/25").contains(InetAddress.ofLiteral("10.0.0.200")));
    assertFalse(AddressRange.parse("10.0.0.128/25").contains(InetAddress.ofLiteral("10.0.0.127")));
    assertFalse(AddressRange.parse("0.0.0.0/0").contains(InetAddress.ofLiteral("::1")));
    assertEquals(32, AddressRange.parse("1.2.3.4").prefixBits());
  }
}
