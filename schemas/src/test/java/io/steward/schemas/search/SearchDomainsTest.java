package io.steward.schemas.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchDomainsTest {
  @ParameterizedTest
  @CsvSource({
    "example.com, https://example.com, true",
    "example.com, http://EXAMPLE.com:8443/a?b#c, true",
    "example.com, https://docs.example.com/a, true",
    "example.com, https://example.com./a, true",
    "example.com, https://example.com.evil.test/, false",
    "example.com, https://notexample.com/, false",
    "example.com, https://evil.test/example.com, false",
    "example.com, https://evil.test/?example.com/, false",
    "example.com, https://user@example.com/, false",
    "example.com, https://example.com@evil.test/, false",
    "example.com, 'https://evil.test\\example.com/', false",
    "example.com, ftp://example.com/, false",
    "example.com, javascript:alert(1), false",
    "example.com, 'https://example.com/a b', false",
    "example.com/blog, https://example.com/blog, true",
    "example.com/blog, https://example.com/blog/, true",
    "example.com/blog, https://example.com/blog/2026?page=2, true",
    "example.com/blog, https://www.example.com//blog//2026, true",
    "example.com/blog, https://example.com/%62log/2026, true",
    "example.com/blog, https://example.com/shop/../blog/2026, true",
    "example.com/blog, https://example.com/blog/../shop, false",
    "example.com/blog, https://example.com/blog/%2e%2e/shop, false",
    "example.com/blog, https://example.com/blogs, false",
    "example.com/blog, https://example.com/?/blog, false",
    "example.com/blog, https://example.com/%zz/blog, false",
    "xn--bcher-kva.example, https://bücher.example/, true",
  })
  void an_entry_covers_its_host_those_below_it_and_its_path(
      String entry, String url, boolean covered) {
    assertEquals(covered, new SearchDomains.Only(List.of(entry)).permits(url));
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.com/shop/x, false",
    "https://docs.example.com/%73hop, false",
    "https://example.com/blog/..//shop, false",
    "https://example.com/blog, true",
    "https://evil.test/, false",
    "https://other.test/, true",
  })
  void what_is_blocked_is_not_shown_however_it_is_spelled(String url, boolean shown) {
    SearchDomains domains = new SearchDomains.Except(List.of("example.com/shop", "evil.test"));

    assertEquals(shown, domains.permits(url));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "no url", "https://", "https:///a", "file:///etc/passwd", "https://a b/"})
  void what_is_no_url_of_the_web_is_never_shown(String url) {
    assertFalse(new SearchDomains.Any().permits(url));
    assertFalse(new SearchDomains.Except(List.of("example.com")).permits(url));
  }

  @Test
  void without_lists_every_page_is_shown() {
    assertTrue(SearchDomains.of(null, null).permits("https://example.com/a|b"));
  }

  @Test
  void both_lists_exclude_each_other() {
    List<String> list = List.of("example.com");

    assertThrows(IllegalArgumentException.class, () -> SearchDomains.of(list, list));
  }
}
