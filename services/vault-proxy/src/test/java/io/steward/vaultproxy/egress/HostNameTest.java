package io.steward.vaultproxy.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a.b..",
        "2130706433",
        "2130706433.",
        "017700000001",
        "0x7f000001",
        "0X7F000001",
        "0x",
        "0177.0.0.1",
        "0177.0.0.01",
        "0x7f.0.0.1",
        "0x7f.0x0.0x0.0x1",
        "127.1",
        "127.0.1",
        "127.0.0.1.1",
        "127.0.0.256",
        "127.0.0.0x1",
        "127.0.0.01",
        "1.2.3.4.0x5",
        "a.1",
        "example.0x7f",
        "00.0.0.0",
        "999999999999",
        "٣.0.0.1x.2",
        "127。1",
        "[127.0.0.1]",
        "[::1",
        "::1",
        "[::1]x",
        "[fe80::1%25lo]",
        "[fe80::1%lo]",
        "[v1.x]",
        "[]",
        "[:::]",
        "[1:2:3:4:5:6:7:8:9]",
        "[12345::]",
        "exa mple.com",
        "exa\tmple.com",
        "example.com%2e",
        "%31%32%37.0.0.1",
        "user@example.com",
        "example.com:80",
        "example.com/",
        "example.com\\evil.example",
        "example.com#x",
        "example.com?x",
        "-a.example",
        "a-.example",
        "a*.example",
        "*.example",
        "a\u0000.example",
        "a\u200b b.example"
      })
  void what_is_no_plain_host_is_refused(String host) {
    assertThrows(EgressRefusal.class, () -> HostName.parse(host));
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, example.com",
    "EXAMPLE.Com, example.com",
    "example.com., example.com",
    "localhost, localhost",
    "a_b.example, a_b.example",
    "1a.example, 1a.example",
    "127.0.0.1.nip.io, 127.0.0.1.nip.io",
    "0x7f.example, 0x7f.example",
    "bücher.example, xn--bcher-kva.example",
    "BÜCHER.example, xn--bcher-kva.example",
    "ｅｘａｍｐｌｅ.com, example.com",
    "example。com, example.com",
    "ⓔxample.com, example.com",
  })
  void a_name_has_one_spelling(String host, String spelling) throws EgressRefusal {
    assertEquals(new HostName.Name(spelling), HostName.parse(host));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1",
    "127.0.0.1., 127.0.0.1",
    "１２７.0.0.1, 127.0.0.1",
    "①②⑦.⓪.⓪.①, 127.0.0.1",
    "127。0。0。1, 127.0.0.1",
    "[::1], [0:0:0:0:0:0:0:1]",
    "[0:0:0:0:0:0:0:1], [0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1], 127.0.0.1",
    "[::FFFF:7F00:1], 127.0.0.1",
    "[64:ff9b::7f00:1], [64:ff9b:0:0:0:0:7f00:1]",
  })
  void an_address_has_one_spelling(String host, String authority) throws EgressRefusal {
    HostName parsed = HostName.parse(host);
    assertInstanceOf(HostName.Literal.class, parsed);
    assertEquals(authority, parsed.authority());
  }

  @Test
  void a_name_has_limits() throws EgressRefusal {
    String label = "a".repeat(HostName.LABEL_CHARS_MAX);
    String longest = String.join(".", label, label, label, "a".repeat(61));

    assertEquals(longest, HostName.parse(longest).text());
    assertThrows(EgressRefusal.class, () -> HostName.parse(longest + "a"));
    assertThrows(EgressRefusal.class, () -> HostName.parse("a" + label + ".example"));
  }
}
