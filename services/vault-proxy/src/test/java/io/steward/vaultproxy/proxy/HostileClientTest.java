package io.steward.vaultproxy.proxy;

import static io.steward.vaultproxy.proxy.ProxyStage.AUTH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.proxy.Wire.Reply;
import io.steward.vaultproxy.stage.WebSite;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that mean one thing to one reader and another to the next, and clients that want all of
/// the proxy.
class HostileClientTest {
  private static final ProxyLimits SMALL = small(Duration.ofSeconds(30));
  private static final ProxyLimits HASTY = small(Duration.ofMillis(300));

  @TempDir private static Path directory;
  private static WebSite site;
  private static ProxyStage stage;

  @BeforeAll
  static void start() throws IOException {
    site = WebSite.start();
    site.page("/a", "text/plain", "there");
    stage = ProxyStage.start(directory, Set.of(site.port()));
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
  }

  private static ProxyLimits small(Duration headTimeMax) {
    return new ProxyLimits(
        50,
        4,
        3,
        2,
        1,
        8,
        headTimeMax,
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        Duration.ofMillis(100));
  }

  private static String url() {
    return "http://site.example:" + site.port() + "/a";
  }

  private static String get(String token) {
    return "GET " + url() + " HTTP/1.1|Host: a|" + ProxyStage.auth(token) + "||";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST <url> HTTP/1.1|Host: a|<auth>|Content-Length: 5|Content-Length: 6||hello",
        "POST <url> HTTP/1.1|Host: a|<auth>|Content-Length: 5|Transfer-Encoding: chunked||0||",
        "POST <url> HTTP/1.1|Host: a|<auth>|Transfer-Encoding: chunked, chunked||0||",
        "POST <url> HTTP/1.1|Host: a|<auth>|Transfer-Encoding : chunked||0||",
        "POST <url> HTTP/1.1|Host: a|<auth>|Transfer-Encoding: xchunked||0||",
        "GET <url> HTTP/1.1|Host: a|<auth>|X-Folded: a| b||",
        "GET <url> HTTP/1.1|Host : a|<auth>||",
        "GET <url> HTTP/1.1\nHost: a\n<auth>\n\n",
        "GET <url> HTTP/1.1|Host: a\n<auth>||",
        "GET <url> HTTP/1.1|Host: a|Host: b|<auth>||",
        "GET <url> HTTP/1.1|<auth>||",
        "GET  <url> HTTP/1.1|Host: a|<auth>||",
        "|GET <url> HTTP/1.1|Host: a|<auth>||",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc|\n",
        "PRI * HTTP/2.0||SM||"
      })
  void an_ambiguous_head_is_400_and_the_end_of_the_connection(String request) throws IOException {
    int visits = site.visits().size();
    String sent = request.replace("<url>", url()).replace("<auth>", AUTH);
    try (Wire wire = stage.connect()) {
      Reply reply = wire.send(sent + "GET " + url() + " HTTP/1.1|Host: a|" + AUTH + "||").reply();
      assertEquals(400, reply.status());
      assertEquals("close", reply.header("Connection"));
      assertEquals("steward; error=http_request_error", reply.header("Proxy-Status"));
      assertTrue(wire.ends());
    }
    assertEquals(visits, site.visits().size());
    assertEquals(Reason.MALFORMED, stage.seen().refused.getLast());
  }

  @ParameterizedTest
  @ValueSource(strings = {"xyz|hello|0||", "-5|hello|0||", "5\nhello|0||", "5|helloworld|0||"})
  void a_broken_body_ends_the_connection_and_is_not_another_request(String body)
      throws IOException {
    try (Wire wire = stage.connect()) {
      wire.send(
          "POST " + url() + " HTTP/1.1|Host: a|" + AUTH + "|Transfer-Encoding: chunked||" + body);
      Reply reply = wire.reply();
      assertTrue(reply.status() == 400 || reply.status() == 200, reply.head());
      assertTrue(wire.ends());
    }
  }

  @Test
  void a_head_has_a_limit() throws IOException {
    try (Wire wire = stage.connect()) {
      wire.send("GET " + url() + " HTTP/1.1|Host: a|X-Long: " + "x".repeat(40_000));
      Reply reply = wire.reply();
      assertEquals(431, reply.status());
      assertEquals("The head of a request has at most 32768 bytes.\n", reply.body());
    }
  }

  @Test
  void a_head_that_comes_slowly_is_given_up() throws IOException {
    try (ProxyStage small = ProxyStage.start(directory, Set.of(), HASTY, null);
        Wire slow = small.connect();
        Wire silent = small.connect()) {
      Reply reply = slow.send("GET http://site.example/ HTTP/1.1|Ho").reply();
      assertEquals(408, reply.status());
      assertTrue(slow.ends());
      assertEquals(408, silent.reply().status());
      assertTrue(silent.ends());
    }
  }

  @Test
  void one_sandbox_has_so_many_connections_and_others_still_get_theirs() throws IOException {
    try (ProxyStage small = ProxyStage.start(directory, Set.of(), SMALL, null)) {
      small.admit("other", new io.steward.schemas.agent.EnvironmentConfig.Unrestricted());
      List<Wire> open = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Wire wire = small.connect();
        open.add(wire);
        assertEquals(200, wire.send(get(ProxyStage.TOKEN)).reply().status());
      }
      try (Wire fourth = small.connect();
          Wire other = small.connect()) {
        Reply reply = fourth.send(get(ProxyStage.TOKEN)).reply();
        assertEquals(429, reply.status());
        assertEquals("This sandbox makes too many connections.\n", reply.body());
        assertEquals("1", reply.header("Retry-After"));
        assertEquals(200, other.send(get("other")).reply().status());
      }
      for (Wire wire : open) {
        wire.close();
      }
    }
  }

  @Test
  void one_sandbox_makes_so_many_requests_and_others_still_make_theirs() throws IOException {
    try (ProxyStage small = ProxyStage.start(directory, Set.of(), SMALL, null);
        Wire flood = small.connect();
        Wire other = small.connect()) {
      small.admit("other", new io.steward.schemas.agent.EnvironmentConfig.Unrestricted());
      flood.send(get(ProxyStage.TOKEN).repeat(40));
      List<Integer> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        answers.add(flood.reply().status());
      }
      assertEquals(List.of(200, 200, 200), answers.subList(0, 3));
      assertEquals(Set.of(200, 429), Set.copyOf(answers));
      assertTrue(answers.stream().filter(status -> status == 429).count() >= 20, "" + answers);
      assertEquals(200, other.send(get("other")).reply().status());
    }
  }

  @Test
  void requests_at_once_have_a_limit() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    site.page(
        "/slow",
        exchange -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.sendResponseHeaders(204, -1);
        });
    String slow = get(ProxyStage.TOKEN).replace("/a HTTP", "/slow HTTP");
    try (ProxyStage small = ProxyStage.start(directory, Set.of(), SMALL, null);
        Wire first = small.connect();
        Wire second = small.connect();
        Wire third = small.connect()) {
      int visits = site.visits().size();
      first.send(slow);
      second.send(slow);
      while (site.visits().size() < visits + 2) {
        Thread.onSpinWait();
      }
      assertEquals(429, third.send(slow).reply().status());
      release.countDown();
      assertEquals(204, first.reply().status());
      assertEquals(204, second.reply().status());
    } finally {
      release.countDown();
    }
  }

  @Test
  void connections_that_say_nothing_make_room_for_others() throws IOException {
    try (ProxyStage small = ProxyStage.start(directory, Set.of(), SMALL, null)) {
      List<Wire> silent = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        silent.add(small.connect());
        assertEquals(
            407, silent.getLast().send("GET " + url() + " HTTP/1.1|Host: a||").reply().status());
      }
      assertTrue(silent.getFirst().ends());
      assertEquals(200, silent.getLast().send(get(ProxyStage.TOKEN)).reply().status());
      for (Wire wire : silent) {
        wire.close();
      }
    }
  }
}
