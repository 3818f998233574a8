package io.steward.vaultproxy.proxy;

import static io.steward.vaultproxy.proxy.ProxyStage.AUTH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.proxy.Wire.Reply;
import io.steward.vaultproxy.stage.WebSite;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests for `http` URLs, from clients that send what they like.
class PlainProxyTest {
  @TempDir private static Path directory;
  private static WebSite site;
  private static ProxyStage stage;

  @BeforeAll
  static void start() throws IOException {
    site = WebSite.start();
    stage = ProxyStage.start(directory, Set.of(site.port()));
    site.page("/a", "text/plain", "there");
    site.page(
        "/echo",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("X-Method", exchange.getRequestMethod());
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(body);
        });
    site.page(
        "/head",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Length", "5");
          exchange.sendResponseHeaders(200, -1);
        });
    site.page("/none", exchange -> exchange.sendResponseHeaders(204, -1));
    site.redirect("/away", "http://169.254.169.254/latest/meta-data/");
    site.page(
        "/until-closed",
        exchange -> {
          exchange.getResponseHeaders().set("Connection", "close");
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(new byte[10_000]);
          }
        });
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
  }

  private static String url(String path) {
    return "http://site.example:" + site.port() + path;
  }

  private static Reply ask(String request) throws IOException {
    try (Wire wire = stage.connect()) {
      return wire.send(request).reply();
    }
  }

  @Test
  void a_request_for_a_whole_url_is_passed_on_without_what_is_the_proxys() throws IOException {
    Reply reply =
        ask(
            "GET "
                + url("/a?b=c")
                + " HTTP/1.1|Host: other.example|"
                + AUTH
                + "|Proxy-Connection: keep-alive|Connection: X-Mine|X-Mine: 1|TE: trailers"
                + "|Upgrade: websocket|X-Kept: 2||");

    assertEquals(200, reply.status());
    assertEquals("there", reply.body());
    assertEquals("text/plain", reply.header("Content-Type"));
    WebSite.Visit visit = site.visits().getLast();
    assertEquals(List.of("site.example:" + site.port()), visit.headers().get("Host"));
    assertEquals(List.of("2"), visit.headers().get("X-kept"));
    for (String name :
        List.of("Proxy-authorization", "Proxy-connection", "X-mine", "Te", "Upgrade")) {
      assertFalse(visit.headers().containsKey(name), name);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Nothing: 1",
        "Proxy-Authorization: Bearer token-of-the-sandbox",
        "Proxy-Authorization: Basic !!!",
        "Proxy-Authorization: Basic dG9rZW4tb2YtdGhlLXNhbmRib3g=", // no colon
        "Proxy-Authorization: Basic c2FuZGJveDp3cm9uZw==",
        "Authorization: Basic c2FuZGJveDp0b2tlbi1vZi10aGUtc2FuZGJveA=="
      })
  void who_names_no_sandbox_gets_407_and_reaches_nothing(String header) throws IOException {
    int visits = site.visits().size();
    Reply reply = ask("GET " + url("/a") + " HTTP/1.1|Host: a|" + header + "||");
    assertEquals(407, reply.status());
    assertEquals("Basic realm=\"steward\"", reply.header("Proxy-Authenticate"));
    assertEquals("The proxy does not know this sandbox, or it has ended.\n", reply.body());
    assertEquals(visits, site.visits().size());
  }

  @Test
  void a_connection_serves_one_request_after_another() throws IOException {
    try (Wire wire = stage.connect()) {
      String request = "GET " + url("/a") + " HTTP/1.1|Host: a|" + AUTH + "||";
      wire.send("GET " + url("/a") + " HTTP/1.1|Host: a||");
      assertEquals(407, wire.reply().status());
      wire.send(request + request + "HEAD " + url("/head") + " HTTP/1.1|Host: a|" + AUTH + "||");
      assertEquals("there", wire.reply().body());
      assertEquals("there", wire.reply().body());
      assertEquals("5", wire.reply(false).header("Content-Length"));
      wire.send("GET " + url("/none") + " HTTP/1.1|Host: a|" + AUTH + "||" + request);
      assertEquals(204, wire.reply().status());
      assertEquals("there", wire.reply().body());
      wire.send("GET " + url("/a") + " HTTP/1.1|Host: a|Connection: close|" + AUTH + "||");
      assertEquals("there", wire.reply().body());
      assertTrue(wire.ends());
    }
  }

  @Test
  void bodies_pass_however_they_are_framed() throws IOException {
    String head = "POST " + url("/echo") + " HTTP/1.1|Host: a|" + AUTH;
    assertEquals("hello", ask(head + "|Content-Length: 5||hello").body());
    assertEquals(
        "hello", ask(head + "|Transfer-Encoding: chunked||3;x=y|hel|2|lo|0|X-Trailer: 1||").body());
    assertEquals("", ask(head + "|Content-Length: 0||").body());
    try (Wire wire = stage.connect()) {
      wire.send(head + "|Content-Length: 5|Expect: 100-continue||");
      assertEquals(100, wire.reply().status());
      assertEquals("hello", wire.send("hello").reply().body());
    }
    Reply old = ask("POST " + url("/echo") + " HTTP/1.0|" + AUTH + "|Content-Length: 5||hello");
    assertEquals("hello", old.body());
    assertEquals("", old.header("Transfer-Encoding"));
    assertEquals("close", old.header("Connection"));
  }

  @Test
  void large_bodies_stream_both_ways() throws IOException {
    int bytes = 8_000_000;
    try (Wire wire = stage.connect()) {
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  wire.send(
                      "POST "
                          + url("/echo")
                          + " HTTP/1.1|Host: a|"
                          + AUTH
                          + "|Content-Length: "
                          + bytes
                          + "||");
                  wire.send(new byte[bytes]);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      assertEquals(bytes, wire.reply().body().length());
      assertFalse(sender.isInterrupted());
    }
    assertEquals(
        1_000_000,
        ask("GET " + url("/until-closed") + " HTTP/1.1|Host: a|" + AUTH + "||").body().length());
  }

  @Test
  void a_redirect_is_the_clients_to_follow_and_checked_then() throws IOException {
    Reply redirect = ask("GET " + url("/away") + " HTTP/1.1|Host: a|" + AUTH + "||");
    assertEquals(302, redirect.status());
    Reply followed = ask("GET " + redirect.header("Location") + " HTTP/1.1|Host: a|" + AUTH + "||");
    assertEquals(403, followed.status());
    assertEquals(
        "The host 169.254.169.254 is not on the public internet, and not allowed here.\n",
        followed.body());
    assertEquals("steward; error=destination_ip_prohibited", followed.header("Proxy-Status"));
    assertEquals(Reason.ADDRESS, stage.seen().refused.getLast());
  }

  @ParameterizedTest
  @CsvSource({
    "http://10.0.0.1/, 403",
    "http://[::1]/, 403",
    "http://[::ffff:10.0.0.1]/, 403",
    "http://[64:ff9b::a00:1]/, 403",
    "http://[fe80::1]/, 403",
    "http://0.0.0.0/, 403",
    "http://2130706433/, 403",
    "http://017700000001/, 403",
    "http://0x7f000001/, 403",
    "http://127.1/, 403",
    "http://user@site.example/, 403",
    "http://site.example:22/, 403",
    "http://inside.example/, 403",
    "http://no-such-host.invalid/, 502",
    "/path, 400",
    "https://site.example/, 403"
  })
  void what_is_not_on_the_public_internet_is_refused_however_it_is_written(
      String target, int status) throws IOException {
    stage.resolveTo("inside.example", "10.1.2.3");
    Reply reply = ask("GET " + target + " HTTP/1.1|Host: a|" + AUTH + "||");
    assertEquals(status, reply.status(), reply.body());
    assertFalse(reply.body().contains("10.1.2.3"));
  }

  @Test
  void the_connection_goes_to_the_address_that_was_checked() throws IOException {
    int visits = site.visits().size();
    stage.resolveTo("rebound.example", "127.0.0.1", "169.254.169.254");
    String request =
        "GET http://rebound.example:" + site.port() + "/a HTTP/1.1|Host: a|" + AUTH + "||";
    assertEquals("there", ask(request).body());
    assertEquals(403, ask(request).status());
    assertEquals(visits + 1, site.visits().size());
  }

  @Test
  void a_limited_environment_reaches_its_hosts_only() throws IOException {
    stage.limit("limited", "site.example");
    String auth = ProxyStage.auth("limited");
    assertEquals(200, ask("GET " + url("/a") + " HTTP/1.1|Host: a|" + auth + "||").status());
    for (String host : List.of("other.example", "site.example.evil.test", "sub.site.example")) {
      Reply reply = ask("GET http://" + host + "/ HTTP/1.1|Host: site.example|" + auth + "||");
      assertEquals(403, reply.status());
      assertEquals(
          "The host "
              + host
              + " is not one this environment allows connections to (networking.allowed_hosts).\n",
          reply.body());
    }
    assertEquals(
        403, ask("GET http://site.example:8443/ HTTP/1.1|Host: a|" + auth + "||").status());
  }

  @Test
  void a_host_that_does_not_answer_is_502_with_a_sentence() throws IOException {
    WebSite gone = WebSite.start();
    gone.close();
    Reply reply =
        ask("GET http://gone.example:" + gone.port() + "/ HTTP/1.1|Host: a|" + AUTH + "||");
    assertEquals(502, reply.status());
    assertEquals(
        "Port " + gone.port() + " of gone.example cannot be connected to.\n", reply.body());
  }

  @Test
  void a_refused_request_with_a_body_reads_its_refusal() throws IOException {
    try (Wire wire = stage.connect()) {
      wire.send("POST http://10.0.0.1/ HTTP/1.1|Host: a|" + AUTH + "|Content-Length: 500000||");
      wire.send(new byte[500_000]);
      Reply reply = wire.reply();
      assertEquals(403, reply.status());
      assertEquals("close", reply.header("Connection"));
      assertTrue(wire.ends());
    }
  }

  @Test
  void a_sandbox_that_has_ended_is_cut_off_at_once() throws IOException {
    stage.admit("ending", new io.steward.schemas.agent.EnvironmentConfig.Unrestricted());
    String request = "GET " + url("/a") + " HTTP/1.1|Host: a|" + ProxyStage.auth("ending") + "||";
    try (Wire wire = stage.connect()) {
      assertEquals(200, wire.send(request).reply().status());
      stage.end("ending");
      assertTrue(wire.ends());
    }
    assertEquals(407, ask(request).status());
  }

  @Test
  void a_connection_belongs_to_one_sandbox() throws IOException {
    stage.admit("second", new io.steward.schemas.agent.EnvironmentConfig.Unrestricted());
    try (Wire wire = stage.connect()) {
      wire.send("GET " + url("/a") + " HTTP/1.1|Host: a|" + AUTH + "||");
      assertEquals(200, wire.reply().status());
      wire.send("GET " + url("/a") + " HTTP/1.1|Host: a|" + ProxyStage.auth("second") + "||");
      assertEquals(407, wire.reply().status());
      assertTrue(wire.ends());
    }
  }

  @Test
  void the_client_of_the_jdk_works_with_it() throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().proxy(ProxySelector.of(stage.address())).build()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(url("/echo")))
                  .header("Proxy-Authorization", AUTH.substring("Proxy-Authorization: ".length()))
                  .POST(HttpRequest.BodyPublishers.ofString("from the JDK"))
                  .build(),
              HttpResponse.BodyHandlers.ofString(ISO_8859_1));
      assertEquals("from the JDK", response.body());
    }
  }
}
