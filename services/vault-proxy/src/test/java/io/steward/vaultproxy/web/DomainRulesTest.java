package io.steward.vaultproxy.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.egress.HostName;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DomainRulesTest {
  private static final Optional<List<String>> LIST =
      Optional.of(List.of("Example.com/", "docs.other.example"));

  @ParameterizedTest
  @CsvSource({
    "example.com, true",
    "EXAMPLE.COM., true",
    "www.example.com, true",
    "a.b.example.com, true",
    "docs.other.example, true",
    "other.example, false",
    "www.other.example, false",
    "badexample.com, false",
    "example.com.evil.example, false",
    "example.co, false",
    "com, false",
    "93.184.216.34, false",
    "[2606:4700::1], false",
  })
  void an_entry_covers_the_host_and_its_subdomains(String host, boolean covered) throws Exception {
    HostName name = HostName.parse(host);
    assertEquals(covered, DomainRules.of(LIST, Optional.empty()).permits(name));
    assertEquals(!covered, DomainRules.of(Optional.empty(), LIST).permits(name));
    assertTrue(DomainRules.of(Optional.empty(), Optional.empty()).permits(name));
  }

  @Test
  void allowed_and_blocked_exclude_each_other() {
    assertThrows(IllegalArgumentException.class, () -> DomainRules.of(LIST, LIST));
  }
}
