package io.steward.vaultproxy.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.stage.Documents;
import io.steward.vaultproxy.stage.WebSite;
import io.steward.vaultproxy.web.WebResult.Fetched;
import io.steward.vaultproxy.web.WebResult.Reason;
import io.steward.vaultproxy.web.WebResult.Refused;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Fetches over HTTP from a site on this machine. `site.example` and its subdomains are there,
/// `inside.example` is on a private network, and nothing else has a name.
class WebFetchTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final DomainRules ANY = new DomainRules.Any();
  private static final WebLimits LIMITS =
      new WebLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          200_000,
          5,
          10_000,
          WebLimits.usual().pdf());

  @TempDir private Path directory;
  private WebSite site;
  private WebFetch web;

  @BeforeEach
  void start() throws IOException {
    site = WebSite.start();
    web = web(LIMITS, "127.0.0.1");
  }

  @AfterEach
  void stop() {
    web.close();
    site.close();
  }

  @AfterAll
  static void stopVertx() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void a_page_is_fetched_as_text() {
    site.page("/a", "text/html; charset=utf-8", "<title>T</title><h1>Hi</h1><a href=b>b</a>");

    Fetched page = fetched("http://SITE.example:" + site.port() + "/a#part");

    assertEquals(url("/a"), page.url().toString());
    assertEquals("T", page.title());
    assertEquals("text/html", page.mediaType());
    assertEquals("# Hi\n\n[b](" + url("/b") + ")", page.text());
    assertFalse(page.truncated());
  }

  @Test
  void a_request_says_who_asks_and_gives_nothing_away() {
    site.page("/a", "text/plain", "x");

    var _ = fetched(url("/a"));

    Map<String, List<String>> headers = site.visits().getFirst().headers();
    assertEquals(List.of("Steward"), headers.get("User-agent"));
    assertEquals(List.of("site.example:" + site.port()), headers.get("Host"));
    assertEquals(Set.of("User-agent", "Host", "Accept", "Connection"), headers.keySet());
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain, text/plain",
    "TEXT/Markdown; x=y, text/markdown",
    "application/json, application/json",
    "application/ld+json, application/ld+json",
    "application/xml, application/xml",
    "application/atom+xml, application/atom+xml",
    ", text/plain",
    "nonsense, text/plain",
  })
  void other_texts_are_fetched_as_they_are(String header, String mediaType) {
    site.page("/a", header, "{ \"a\" :  1 }\n".getBytes(StandardCharsets.UTF_8));

    Fetched page = fetched(url("/a"));

    assertEquals("{ \"a\" :  1 }\n", page.text());
    assertEquals(mediaType, page.mediaType());
    assertEquals("", page.title());
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain; charset=iso-8859-1, c3bc, Ã¼",
    "text/plain; charset=utf-8, c3bc, ü",
    "text/plain; charset=\"UTF-8\", fc, \ufffd",
    "text/plain; charset=no-such-set, c3bc, ü",
    "text/plain; charset=%%%, c3bc, ü",
    "text/plain, c3bc, ü",
    "text/plain, fc, ü",
    "text/plain; charset=iso-8859-1, efbbbfc3bc, ü",
    "text/plain, fffefc00, ü",
    "text/plain, feff00fc, ü",
    "text/html; charset=no-such-set, c3bc, ü",
    "text/html; charset=iso-8859-1, fc, ü",
    "text/html; charset=utf-8, fc, \ufffd",
  })
  void characters_are_decoded_as_well_as_can_be(String type, String bytes, String text) {
    site.page("/a", type, HexFormat.of().parseHex(bytes));
    assertEquals(text, fetched(url("/a")).text());
  }

  @Test
  void a_text_holds_no_nul() {
    site.page("/a", "text/plain", "a\0b");
    assertEquals("a\ufffdb", fetched(url("/a")).text());
  }

  @Test
  void an_xml_declaration_names_the_charset() {
    String xml = "<?xml version='1.0' encoding='iso-8859-1'?><a>\u00fc</a>";
    site.page("/a", "application/xml", xml.getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(xml, fetched(url("/a")).text());
  }

  @Test
  void a_pdf_is_fetched_as_text_whatever_the_tokens() throws IOException {
    byte[] document = Documents.pdf("Paper", "words of a document");
    site.page("/a", "application/octet-stream", document);

    Fetched page =
        assertInstanceOf(
            Fetched.class, web.fetch(new WebRequest(url("/a"), ANY, OptionalInt.of(1))));

    assertEquals("Paper", page.title());
    assertEquals("application/pdf", page.mediaType());
    assertEquals("words of a document", page.text());
  }

  @Test
  void a_text_ends_at_its_tokens() {
    site.page("/a", "text/plain", "1234567\ud83d\ude00");
    site.page("/b", "text/html", "<p>1234</p><p>56789</p>");

    assertEquals("1234", fetched(url("/a"), 1).text());
    assertEquals("1234567", fetched(url("/a"), 2).text());
    assertTrue(fetched(url("/a"), 2).truncated());
    assertFalse(fetched(url("/a"), 3).truncated());
    assertEquals("1234\n\n56", fetched(url("/b"), 2).text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"image/png", "application/zip", "video/mp4", "application/octet-stream"})
  void what_is_no_text_is_refused_by_its_name(String type) {
    site.page("/a", type, new byte[] {1, 2, 3});

    Refused refused = refused(url("/a"));

    assertEquals(Reason.UNSUPPORTED_CONTENT_TYPE, refused.reason());
    assertTrue(refused.sentence().contains(type), refused.sentence());
  }

  @Test
  void a_page_that_is_sent_compressed_is_not_unpacked() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(new byte[10 << 20]);
    }
    site.page(
        "/a",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/plain");
          exchange.getResponseHeaders().set("Content-Encoding", "gzip");
          exchange.sendResponseHeaders(200, packed.size());
          exchange.getResponseBody().write(packed.toByteArray());
        });
    assertEquals(Reason.UNSUPPORTED_CONTENT_TYPE, refused(url("/a")).reason());
  }

  @Test
  void a_status_other_than_success_is_said() {
    assertEquals(
        "url_not_accessible: The host answered with status 404.", refused(url("/no")).text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.2/",
        "http://2130706433/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://10.0.0.1/",
        "http://inside.example/",
        "http://user:pass@site.example/",
        "file:///etc/passwd",
        "http://site.example:22/",
        "nothing"
      })
  void what_may_not_be_connected_to_is_refused(String url) {
    assertEquals(Reason.URL_NOT_ALLOWED, refused(url).reason());
  }

  @Test
  void an_unknown_host_and_a_closed_port_are_not_accessible() {
    assertEquals(Reason.URL_NOT_ACCESSIBLE, refused("http://no.example/").reason());
    assertEquals("The host cannot be connected to.", refused("http://site.example:1/").sentence());
    assertEquals(Reason.URL_TOO_LONG, refused("http://a/" + "a".repeat(5000)).reason());
  }

  @Test
  void redirects_are_followed_up_to_a_limit() {
    site.redirect("/1", "/2");
    site.redirect("/2", "//www.site.example:" + site.port() + "/3");
    site.redirect("/3", "4");
    site.redirect("/4", url("/5"));
    site.redirect("/5", "./6?x");
    site.page("/6", "text/plain", "there");
    site.redirect("/0", "/1");
    site.redirect("/loop", "/loop");

    assertEquals("there", fetched(url("/1")).text());
    assertEquals(url("/6?x"), fetched(url("/1")).url().toString());
    assertEquals("The page redirects more than 5 times.", refused(url("/0")).sentence());
    assertEquals("The page redirects more than 5 times.", refused(url("/loop")).sentence());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest/meta-data/",
        "http://inside.example/",
        "http://127.0.0.2:8080/",
        "http://[::1]:8080/",
        "http://2130706433/",
        "http://0x7f.1/",
        "file:///etc/passwd",
        "ftp://site.example/",
        "http://u:p@site.example/",
        "\\\\site.example\\x"
      })
  void a_redirect_is_checked_like_any_page(String location) {
    site.redirect("/a", location);

    assertEquals(Reason.URL_NOT_ALLOWED, refused(url("/a")).reason());
    assertEquals(1, site.visits().size());
  }

  @Test
  void domains_hold_for_each_redirect() {
    site.redirect("/a", "http://other.site.example:" + site.port() + "/b");
    site.page("/b", "text/plain", "there");
    var blocked = DomainRules.of(Optional.empty(), Optional.of(List.of("other.site.example")));
    var allowed = DomainRules.of(Optional.of(List.of("site.example")), Optional.empty());

    WebResult refused = web.fetch(new WebRequest(url("/a"), blocked, OptionalInt.empty()));
    assertEquals(
        "url_not_allowed: The host other.site.example is not one this agent may fetch from.",
        assertInstanceOf(Refused.class, refused).text());
    assertEquals(1, site.visits().size());
    assertInstanceOf(
        Fetched.class, web.fetch(new WebRequest(url("/a"), allowed, OptionalInt.empty())));
  }

  @Test
  void a_page_larger_than_the_limit_is_cut_off() {
    site.page("/said", "text/plain", new byte[LIMITS.bodyBytesMax() + 1]);
    site.page("/fits", "text/plain", new byte[LIMITS.bodyBytesMax()]);
    site.page(
        "/endless",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/plain");
          exchange.sendResponseHeaders(200, 0);
          byte[] part = new byte[10_000];
          while (true) {
            exchange.getResponseBody().write(part);
          }
        });

    String sentence = "The page is larger than the limit of 200000 bytes.";
    assertEquals(sentence, refused(url("/said")).sentence());
    assertEquals(sentence, refused(url("/endless")).sentence());
    assertTrue(fetched(url("/fits")).truncated());
  }

  @Test
  void headers_have_a_limit() {
    site.page(
        "/a",
        exchange -> {
          exchange.getResponseHeaders().set("X", "x".repeat(PinnedClient.HEADER_BYTES_MAX));
          exchange.sendResponseHeaders(200, -1);
        });
    assertEquals(Reason.URL_NOT_ACCESSIBLE, refused(url("/a")).reason());
  }

  @Test
  void a_page_that_takes_too_long_is_given_up() {
    site.page("/silent", _ -> pause(Duration.ofSeconds(10)));
    site.page(
        "/slow",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/plain");
          exchange.sendResponseHeaders(200, 0);
          while (true) {
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            pause(Duration.ofMillis(50));
          }
        });
    WebLimits hasty =
        new WebLimits(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            LIMITS.bodyBytesMax(),
            LIMITS.redirectsMax(),
            LIMITS.textCharsMax(),
            LIMITS.pdf());

    try (WebFetch impatient = web(hasty, "127.0.0.1")) {
      for (String path : List.of("/silent", "/slow")) {
        WebResult result = impatient.fetch(new WebRequest(url(path), ANY, OptionalInt.empty()));
        assertEquals(
            "Fetching the page took longer than the limit of 1 seconds.",
            assertInstanceOf(Refused.class, result).sentence());
      }
    }
  }

  @Test
  void an_answer_that_breaks_off_is_no_page() {
    site.page(
        "/a",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/plain");
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          throw new IOException("break off");
        });
    assertEquals("The host did not send a complete answer.", refused(url("/a")).sentence());
  }

  @Test
  void a_name_that_means_something_else_later_is_connected_to_as_it_was_checked() {
    site.page("/a", "text/plain", "there");
    List<String> asked = new CopyOnWriteArrayList<>();
    CheckedAddresses rebinding =
        new CheckedAddresses(
            name -> {
              asked.add(name);
              return List.of(
                  InetAddress.ofLiteral(asked.size() == 1 ? "127.0.0.1" : "169.254.169.254"));
            },
            AddressPolicy.parse("127.0.0.1"));

    try (WebFetch fetch = new WebFetch(VERTX, rebinding, LIMITS, directory, null)) {
      WebRequest request = new WebRequest(url("/a"), ANY, OptionalInt.empty());
      assertEquals("there", assertInstanceOf(Fetched.class, fetch.fetch(request)).text());
      assertEquals(List.of("site.example"), asked);
      assertEquals(
          Reason.URL_NOT_ALLOWED, assertInstanceOf(Refused.class, fetch.fetch(request)).reason());
    }
  }

  @Test
  void an_address_that_cannot_be_reached_is_followed_by_the_next() {
    site.page("/a", "text/plain", "there");
    CheckedAddresses several =
        new CheckedAddresses(
            _ -> List.of(InetAddress.ofLiteral("127.0.0.9"), InetAddress.ofLiteral("127.0.0.1")),
            AddressPolicy.parse("127.0.0.0/8"));

    try (WebFetch fetch = new WebFetch(VERTX, several, LIMITS, directory, null)) {
      WebRequest request = new WebRequest(url("/a"), ANY, OptionalInt.empty());
      assertEquals("there", assertInstanceOf(Fetched.class, fetch.fetch(request)).text());
    }
  }

  private WebFetch web(WebLimits limits, String allowed) {
    CheckedAddresses addresses =
        new CheckedAddresses(WebFetchTest::resolve, AddressPolicy.parse(allowed));
    return new WebFetch(VERTX, addresses, limits, directory, null);
  }

  static List<InetAddress> resolve(String name) throws UnknownHostException {
    if (name.equals("site.example") || name.endsWith(".site.example")) {
      return List.of(InetAddress.ofLiteral("10.0.0.1"), InetAddress.ofLiteral("127.0.0.1"));
    }
    if (name.equals("inside.example")) {
      return List.of(InetAddress.ofLiteral("10.0.0.1"));
    }
    throw new UnknownHostException(name);
  }

  private String url(String path) {
    return "http://site.example:" + site.port() + path;
  }

  private Fetched fetched(String url) {
    WebResult result = web.fetch(new WebRequest(url, ANY, OptionalInt.empty()));
    return assertInstanceOf(Fetched.class, result, result.toString());
  }

  private Fetched fetched(String url, int tokens) {
    WebResult result = web.fetch(new WebRequest(url, ANY, OptionalInt.of(tokens)));
    return assertInstanceOf(Fetched.class, result, result.toString());
  }

  private Refused refused(String url) {
    WebResult result = web.fetch(new WebRequest(url, ANY, OptionalInt.empty()));
    return assertInstanceOf(Refused.class, result, result.toString());
  }

  private static void pause(Duration time) throws IOException {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
