package io.steward.vaultproxy.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET http://a/ HTTP/1.1|Host: a",
        "GET http://a/ HTTP/1.0",
        "CONNECT a:443 HTTP/1.1|Host: a:443",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: 5",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length:5 ",
        "POST http://a/ HTTP/1.1|Host: a|Transfer-Encoding: Chunked",
        "GET http://a/ HTTP/1.1|Host:",
        "GET http://a/ HTTP/1.1|Host: a|X-Any: \t caf\u00e9 !\"#",
      })
  void what_can_be_read_in_one_way_passes(String head) {
    assertEquals(Optional.empty(), violation(head));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET",
        "GET http://a/",
        "GET  http://a/ HTTP/1.1|Host: a",
        "GET http://a/ b HTTP/1.1|Host: a",
        "GET http://a/ HTTP/1.2|Host: a",
        "GET http://a/ HTTP/2.0|Host: a",
        "GET http://a/ http/1.1|Host: a",
        "GET http://a/\u00e9 HTTP/1.1|Host: a",
        "G(T http://a/ HTTP/1.1|Host: a",
        "GET http://a/ HTTP/1.1",
        "GET http://a/ HTTP/1.1|Host: a|Host: a",
        "GET http://a/ HTTP/1.1|Host: a|host: b",
        "GET http://a/ HTTP/1.1|Host : a",
        "GET http://a/ HTTP/1.1| Host: a",
        "GET http://a/ HTTP/1.1|Host: a| folded",
        "GET http://a/ HTTP/1.1|Host: a|\tfolded",
        "GET http://a/ HTTP/1.1|Host: a|no colon",
        "GET http://a/ HTTP/1.1|Host: a|: value",
        "GET http://a/ HTTP/1.1|Host: a|X Y: value",
        "GET http://a/ HTTP/1.1|Host: a|X\u0000: value",
        "GET http://a/ HTTP/1.1|Host: a|X: a\u0000b",
        "GET http://a/ HTTP/1.1|Host: a|X: a\rb",
        "GET http://a/ HTTP/1.1|Host: a|X: a\u007fb",
        "GET http://a/ HTTP/1.1|Host: a|X\u000b: b",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: 5|Content-Length: 5",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: 5|content-length: 6",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: 5, 5",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: +5",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: -1",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: 0x5",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: ",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: 1234567890123456789",
        "POST http://a/ HTTP/1.1|Host: a|Content-Length: 5|Transfer-Encoding: chunked",
        "POST http://a/ HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked",
        "POST http://a/ HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked",
        "POST http://a/ HTTP/1.1|Host: a|Transfer-Encoding: chunked, identity",
        "POST http://a/ HTTP/1.1|Host: a|Transfer-Encoding: xchunked",
        "POST http://a/ HTTP/1.1|Host: a|Transfer-Encoding: \u000bchunked",
        "POST http://a/ HTTP/1.0|Host: a|Transfer-Encoding: chunked",
        "CONNECT a:443 HTTP/1.1|Host: a|Content-Length: 0",
        "CONNECT a:443 HTTP/1.1|Host: a|Transfer-Encoding: chunked",
        "GET http://a/ HTTP/1.1|Host: a|Proxy-Authorization: x|Proxy-Authorization: y"
      })
  void what_two_readers_could_take_differently_is_refused(String head) {
    assertNotEquals(Optional.empty(), violation(head));
  }

  @Test
  void there_are_so_many_fields_and_no_more() {
    String most = "GET http://a/ HTTP/1.1|Host: a" + "|X: y".repeat(199);
    assertEquals(Optional.empty(), violation(most));
    assertEquals(
        Optional.of("A request has at most 200 header fields."), violation(most + "|X: y"));
  }

  private static Optional<String> violation(String head) {
    return HeadRules.violation((head.replace("|", "\r\n") + "\r\n\r\n").getBytes(ISO_8859_1));
  }
}
