package io.steward.sandbox.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyAddressTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.7:3128, 10.0.0.7:3128",
    "[fd00::7]:3128, [fd00:0:0:0:0:0:0:7]:3128",
  })
  void an_address_needs_no_name_server(String text, String resolved) throws Exception {
    assertEquals(resolved, ProxyAddress.parse("X", text).resolved().toString());
  }

  @Test
  void a_name_becomes_an_address() throws Exception {
    ProxyAddress resolved = ProxyAddress.parse("X", "localhost:3128").resolved();

    assertEquals(resolved, resolved.resolved());
    assertEquals(3128, resolved.port());
  }

  @Test
  void a_name_nobody_knows_is_said() {
    ProxyAddress unknown = ProxyAddress.parse("X", "nowhere.invalid:3128");

    assertThrows(UnknownHostException.class, unknown::resolved);
  }
}
