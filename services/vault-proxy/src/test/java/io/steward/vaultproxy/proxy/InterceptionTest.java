package io.steward.vaultproxy.proxy;

import static io.steward.vaultproxy.proxy.ProxyStage.AUTH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.inject.Placeholder;
import io.steward.vaultproxy.policy.HostSet;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.proxy.Wire.Reply;
import io.steward.vaultproxy.stage.GitServer.Identity;
import io.steward.vaultproxy.stage.WebSite;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Secrets on their way to a host over TLS, and back.
class InterceptionTest {
  private static final String SECRET = "s3cret-canary-0123456789";
  private static final HostSet SITE = HostSet.listed(List.of("site.example"));

  @TempDir private static Path directory;
  private static WebSite site;
  private static WebSite plain;
  private static X509TrustManager trust;
  private static ProxyStage stage;
  private static final List<String> BODIES = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    Identity identity = Identity.make(directory, "dns:site.example,dns:free.example");
    trust = ProxyStage.trust(identity.certificate());
    site = WebSite.start(identity);
    plain = WebSite.start();
    for (WebSite each : List.of(site, plain)) {
      each.page(
          "/echo",
          exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            BODIES.add(new String(body, ISO_8859_1));
            String key = String.valueOf(exchange.getRequestHeaders().getFirst("X-Key"));
            String auth = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.getResponseHeaders().set("X-Seen", key);
            byte[] answer =
                ("key " + key + " auth " + auth + " body " + BODIES.getLast()).getBytes(ISO_8859_1);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          });
    }
    stage =
        ProxyStage.start(directory, Set.of(site.port(), plain.port()), ProxyLimits.usual(), trust);
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
    plain.close();
  }

  @BeforeEach
  void forget() {
    stage.forgetSecrets();
  }

  private static Reply ask(String head, String body) throws Exception {
    try (Wire secure = stage.intercepted("site.example", site.port())) {
      return secure
          .send(head.replace("<host>", "site.example:" + site.port()))
          .send(body.getBytes(ISO_8859_1))
          .reply();
    }
  }

  private static String lastKey() {
    return String.valueOf(site.visits().getLast().headers().get("X-key"));
  }

  @Test
  void a_placeholder_in_a_header_arrives_as_the_secret_and_comes_back_as_the_placeholder()
      throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);

    Reply reply =
        ask(
            "GET /echo HTTP/1.1|Host: <host>|Accept-Encoding: gzip|X-Key: a "
                + placeholder.text()
                + "||",
            "");

    assertEquals("[a " + SECRET + "]", lastKey());
    assertEquals(List.of("identity"), site.visits().getLast().headers().get("Accept-encoding"));
    assertEquals("a " + placeholder.text(), reply.header("X-Seen"));
    assertTrue(reply.body().contains("key a " + placeholder.text()), reply.body());
    assertFalse((reply.head() + reply.body()).contains(SECRET));
    assertEquals("vcrd_1", stage.seen().used.getLast().credentialId());
    assertEquals(200, stage.seen().used.getLast().status());
    assertEquals("site.example:" + site.port(), stage.seen().used.getLast().endpoint().toString());
  }

  @Test
  void basic_authorization_is_looked_into_and_its_echo_hidden() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);
    String sent = base64("x-access-token:" + placeholder.text());
    Reply reply = ask("GET /echo HTTP/1.1|Host: <host>|Authorization: Basic " + sent + "||", "");
    assertEquals(
        List.of("Basic " + base64("x-access-token:" + SECRET)),
        site.visits().getLast().headers().get("Authorization"));
    assertTrue(reply.body().contains("auth Basic " + sent + " body"), reply.body());
  }

  @Test
  void a_short_body_keeps_its_length_header() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);
    String body = "{\"key\":\"" + placeholder.text() + "\"}";
    Reply reply =
        ask("POST /echo HTTP/1.1|Host: <host>|Content-Length: " + body.length() + "||", body);
    assertEquals("{\"key\":\"" + SECRET + "\"}", BODIES.getLast());
    assertEquals(
        List.of("" + BODIES.getLast().length()),
        site.visits().getLast().headers().get("Content-length"));
    assertTrue(reply.body().endsWith("body " + body), reply.body());
  }

  @Test
  void a_long_body_is_streamed_and_a_placeholder_may_lie_across_its_parts() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      body.append("x".repeat(16_370 + i)).append(placeholder.text());
    }
    Reply reply =
        ask(
            "POST /echo HTTP/1.1|Host: <host>|Content-Length: " + body.length() + "||",
            body.toString());
    assertTrue(body.toString().replace(placeholder.text(), SECRET).equals(BODIES.getLast()));
    assertEquals(List.of("chunked"), site.visits().getLast().headers().get("Transfer-encoding"));
    assertTrue(reply.body().endsWith(body.toString()), "scrubbed");
  }

  @Test
  void a_chunked_body_is_looked_into_across_its_chunks() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);
    StringBuilder chunks = new StringBuilder();
    for (char c : ("<" + placeholder.text() + ">").toCharArray()) {
      chunks.append("1\r\n").append(c).append("\r\n");
    }
    ask("POST /echo HTTP/1.1|Host: <host>|Transfer-Encoding: chunked||", chunks + "0\r\n\r\n");
    assertEquals("<" + SECRET + ">", BODIES.getLast());
  }

  @Test
  void a_compressed_body_passes_as_it_is() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(placeholder.text().getBytes(UTF_8));
    }
    ask(
        "POST /echo HTTP/1.1|Host: <host>|Content-Encoding: gzip|Content-Length: "
            + packed.size()
            + "||",
        packed.toString(ISO_8859_1));
    assertEquals(packed.toString(ISO_8859_1), BODIES.getLast());
  }

  @Test
  void a_secret_goes_only_where_its_credential_says() throws Exception {
    Placeholder header = stage.secret("vcrd_1", SECRET, SITE, true, false);
    Placeholder body = stage.secret("vcrd_2", "other-canary-98765", SITE, false, true);
    ask(
        "POST /echo HTTP/1.1|Host: <host>|X-Key: "
            + body.text()
            + "|Content-Length: "
            + Placeholders.CHARS
            + "||",
        header.text());
    assertEquals("[" + body.text() + "]", lastKey());
    assertEquals(header.text(), BODIES.getLast());
  }

  @Test
  void to_any_other_host_the_placeholder_goes_as_it_is() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);
    try (Wire secure = stage.tunnel("free.example:" + site.port()).secure("free.example", trust)) {
      secure.send("GET /echo HTTP/1.1|Host: free.example|X-Key: " + placeholder.text() + "||");
      assertEquals(placeholder.text(), secure.reply().header("X-Seen"));
    }
    assertEquals("[" + placeholder.text() + "]", lastKey());
  }

  @Test
  void a_request_for_another_host_inside_a_tunnel_is_421() throws Exception {
    stage.secret("vcrd_1", SECRET, SITE);
    int visits = site.visits().size();
    Reply reply = ask("GET /echo HTTP/1.1|Host: free.example||", "");
    assertEquals(421, reply.status());
    assertEquals(
        "This connection was opened for site.example and for no other host.\n", reply.body());
    assertEquals(visits, site.visits().size());
  }

  @Test
  void a_secret_with_a_line_break_is_refused_in_a_header() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", "s3cret\r\nX-Evil: 1", SITE);
    int visits = site.visits().size();
    Reply reply = ask("GET /echo HTTP/1.1|Host: <host>|X-Key: " + placeholder.text() + "||", "");
    assertEquals(403, reply.status());
    assertEquals(
        "The secret of the credential vcrd_1 holds a line break or a zero byte, so it cannot be"
            + " sent in a header.\n",
        reply.body());
    assertEquals(visits, site.visits().size());
    assertEquals(Reason.SECRET, stage.seen().refused.getLast());
  }

  @Test
  void a_body_of_placeholders_does_not_become_a_huge_one() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", "x".repeat(65_536), SITE);
    String body = placeholder.text().repeat(65);
    Reply reply =
        ask("POST /echo HTTP/1.1|Host: <host>|Content-Length: " + body.length() + "||", body);
    assertEquals(403, reply.status());
    assertEquals("The body of the request holds too many placeholders.\n", reply.body());
  }

  @Test
  void a_rotated_secret_is_used_by_the_next_request_of_an_open_connection() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);
    String request =
        "GET /echo HTTP/1.1|Host: site.example:"
            + site.port()
            + "|X-Key: "
            + placeholder.text()
            + "||";
    List<String> keys = new ArrayList<>();
    try (Wire secure = stage.intercepted("site.example", site.port())) {
      secure.send(request).reply();
      keys.add(lastKey());
      stage.rotate("vcrd_1", "rotated-canary");
      secure.send(request).reply();
      keys.add(lastKey());
      stage.forgetSecrets();
      secure.send(request).reply();
      keys.add(lastKey());
    }
    assertEquals(
        List.of("[" + SECRET + "]", "[rotated-canary]", "[" + placeholder.text() + "]"), keys);
  }

  @Test
  void a_certificate_for_another_name_is_502_and_nothing_is_sent() throws Exception {
    Placeholder placeholder =
        stage.secret("vcrd_1", SECRET, HostSet.listed(List.of("wrong.example")));
    int visits = site.visits().size();
    try (Wire secure = stage.intercepted("wrong.example", site.port())) {
      Reply reply =
          secure
              .send("GET /echo HTTP/1.1|Host: wrong.example|X-Key: " + placeholder.text() + "||")
              .reply();
      assertEquals(502, reply.status());
      assertEquals(
          "The certificate of wrong.example is not trusted for this name, so nothing was sent.\n",
          reply.body());
    }
    assertEquals(visits, site.visits().size());
    assertEquals(Reason.CERTIFICATE, stage.seen().refused.getLast());
  }

  @Test
  void a_head_inside_a_tunnel_is_read_as_strictly() throws Exception {
    stage.secret("vcrd_1", SECRET, SITE);
    Reply reply =
        ask(
            "POST /echo HTTP/1.1|Host: <host>|Content-Length: 5|Transfer-Encoding: chunked||",
            "0\r\n\r\n");
    assertEquals(400, reply.status());
  }

  @Test
  void without_tls_a_secret_is_put_in_too_and_taken_out() throws Exception {
    Placeholder placeholder = stage.secret("vcrd_1", SECRET, SITE);
    try (Wire wire = stage.connect()) {
      Reply reply =
          wire.send(
                  "GET http://site.example:"
                      + plain.port()
                      + "/echo HTTP/1.1|Host: a|"
                      + AUTH
                      + "|X-Key: "
                      + placeholder.text()
                      + "||")
              .reply();
      assertEquals(placeholder.text(), reply.header("X-Seen"));
      assertFalse(stage.seen().used.getLast().secure());
    }
    assertEquals(List.of(SECRET), plain.visits().getLast().headers().get("X-key"));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
