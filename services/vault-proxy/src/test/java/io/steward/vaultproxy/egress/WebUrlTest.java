package io.steward.vaultproxy.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebUrlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.com",
        "//example.com/",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://127.0.0.1:6379/_x",
        "javascript:alert(1)",
        "data:text/html,x",
        "jar:http://example.com!/x",
        "ws://example.com/",
        "http:",
        "http:/example.com",
        "http:example.com",
        "http://",
        "http:///x",
        "http://?x",
        "http://user@example.com/",
        "http://user:pass@example.com/",
        "http://@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com:80@127.0.0.1/",
        "http://127.0.0.1:80\\@example.com/",
        "http:\\\\example.com/",
        "http://example.com\\x",
        "http://exam\nple.com/",
        "http://example.com/\u0000",
        "http://example.com/a\r\nHost: evil.example",
        "http://example.com:x/",
        "http://example.com:-1/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:999999/",
        "http://example.com:80:80/",
        "http://example.com:22/",
        "http://example.com:25/",
        "http://example.com:6379/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::1/",
        "http://::1/",
        "http://[fe80::1%25eth0]/",
        "http://%31%32%37.0.0.1/"
      })
  void what_is_no_plain_web_url_is_refused(String url) {
    assertThrows(EgressRefusal.class, () -> WebUrl.parse(url));
  }

  @ParameterizedTest
  @CsvSource({
    "http://example.com, http://example.com/",
    "HTTPS://Example.COM:443/A, https://example.com/A",
    "http://example.com:443/, http://example.com:443/",
    "http://example.com:/x, http://example.com/x",
    "http://example.com:8080?q=1, http://example.com:8080/?q=1",
    "'  https://example.com/a#frag@x ', https://example.com/a",
    "https://example.com/a b|c?d=e f, https://example.com/a%20b%7Cc?d=e%20f",
    "https://example.com/ü%fc%, https://example.com/%C3%BC%fc%25",
    "https://example.com/a/./b/../c, https://example.com/a/c",
    "https://example.com/../../x, https://example.com/x",
    "https://a.example/web/http://b.example/, https://a.example/web/http://b.example/",
    "https://example.com//b.example/x, https://example.com//b.example/x",
    "https://example.com/x@y, https://example.com/x@y",
    "http://[::1]:8080/, http://[0:0:0:0:0:0:0:1]:8080/",
    "http://bücher.example/, http://xn--bcher-kva.example/",
  })
  void a_url_has_one_spelling(String url, String spelling) throws EgressRefusal {
    assertEquals(spelling, WebUrl.parse(url).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "https://other.example/x, https://other.example/x",
    "//other.example/x, https://other.example/x",
    "/x?y, https://example.com/x?y",
    "x, https://example.com/a/x",
    "../x, https://example.com/x",
    "./, https://example.com/a/",
    "?y, https://example.com/a/b?y",
    "x:1/y, ",
    "http://example.com/a/b, ",
    "http://169.254.169.254/, ",
    "file:///etc/passwd, ",
    "\\\\other.example\\x, ",
    "https://u:p@other.example/, ",
  })
  void a_redirect_leads_to_a_web_url_or_nowhere(String location, String target)
      throws EgressRefusal {
    WebUrl from = WebUrl.parse("https://example.com/a/b?c#d");
    if (target == null) {
      assertThrows(EgressRefusal.class, () -> from.redirected(location));
    } else {
      assertEquals(target, from.redirected(location).toString());
    }
  }

  @Test
  void a_redirect_from_http_to_https_is_followed() throws EgressRefusal {
    WebUrl from = WebUrl.parse("http://example.com/");
    assertEquals("https://example.com/", from.redirected("https://example.com/").toString());
  }

  @Test
  void a_url_has_a_limit() {
    String url = "https://example.com/" + "a".repeat(WebUrl.CHARS_MAX);
    assertThrows(EgressRefusal.class, () -> WebUrl.parse(url));
  }
}
