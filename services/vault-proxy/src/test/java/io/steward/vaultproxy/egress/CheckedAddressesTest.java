package io.steward.vaultproxy.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CheckedAddressesTest {
  private static final HostName NAME = new HostName.Name("site.example");

  @Test
  void only_allowed_addresses_are_used() throws Exception {
    assertEquals(
        addresses("8.8.8.8", "2606:4700:4700::1111"),
        of("10.0.0.1", "8.8.8.8", "::1", "2606:4700:4700::1111"));
  }

  @Test
  void a_host_without_an_allowed_address_is_refused() {
    assertThrows(EgressRefusal.class, () -> of("10.0.0.1", "::1", "169.254.169.254"));
  }

  @Test
  void few_addresses_are_tried() throws Exception {
    assertEquals(
        addresses("8.8.8.1", "8.8.8.2", "8.8.8.3"), of("8.8.8.1", "8.8.8.2", "8.8.8.3", "8.8.8.4"));
  }

  @Test
  void an_address_that_is_written_as_one_is_checked_without_being_resolved() {
    CheckedAddresses checked =
        new CheckedAddresses(
            name -> {
              throw new UnknownHostException(name);
            },
            AddressPolicy.parse(""));
    HostName host = new HostName.Literal(InetAddress.ofLiteral("127.0.0.1"));
    assertThrows(EgressRefusal.class, () -> checked.of(host));
  }

  @Test
  void the_system_resolves_names() throws Exception {
    try (SystemResolver resolver = new SystemResolver(Duration.ofSeconds(30))) {
      assertEquals(true, resolver.resolve("localhost").getFirst().isLoopbackAddress());
      assertThrows(UnknownHostException.class, () -> resolver.resolve("no-such-host.invalid"));
    }
  }

  private static List<InetAddress> of(String... answers) throws Exception {
    return new CheckedAddresses(_ -> addresses(answers), AddressPolicy.parse("")).of(NAME);
  }

  private static List<InetAddress> addresses(String... literals) {
    return Stream.of(literals).map(InetAddress::ofLiteral).toList();
  }
}
