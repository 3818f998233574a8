package io.steward.vaultproxy.proxy;

import static io.steward.vaultproxy.proxy.ProxyStage.AUTH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.vaultproxy.policy.HostSet;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.proxy.Wire.Reply;
import io.steward.vaultproxy.stage.GitServer.Identity;
import io.steward.vaultproxy.stage.WebSite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tunnels nobody looks into.
class TunnelTest {
  @TempDir private static Path directory;
  private static WebSite site;
  private static X509TrustManager trust;
  private static ProxyStage stage;

  @BeforeAll
  static void start() throws Exception {
    Identity identity = Identity.make(directory, "dns:site.example,dns:other.example");
    site = WebSite.start(identity);
    site.page("/a", "text/plain", "there");
    trust = ProxyStage.trust(identity.certificate());
    stage = ProxyStage.start(directory, Set.of());
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
  }

  private static String connect(String authority, String auth) {
    return "CONNECT " + authority + " HTTP/1.1|Host: " + authority + "|" + auth + "||";
  }

  @Test
  void tls_goes_through_to_the_host_itself() throws Exception {
    try (Wire secure = stage.tunnel("site.example:" + site.port()).secure("site.example", trust)) {
      Reply reply = secure.send("GET /a HTTP/1.1|Host: site.example||").reply();
      assertEquals("there", reply.body());
      assertEquals(List.of("site.example"), site.visits().getLast().serverNames());
    }
  }

  @Test
  void what_comes_ahead_of_the_answer_is_not_lost() throws Exception {
    // A ClientHello that names no host, at once: the tunnel opens, and TLS is refused.
    try (Wire wire = stage.connect()) {
      wire.send(connect("site.example:" + site.port(), AUTH) + "GET / HTTP/1.1|Host: a||");
      assertEquals(200, wire.reply(false).status());
      assertEquals(0x15, wire.socket().getInputStream().read());
    }
  }

  @Test
  void tls_for_another_host_is_cut_off() throws Exception {
    int visits = site.visits().size();
    try (Wire wire = stage.tunnel("site.example:" + site.port())) {
      assertThrows(SSLException.class, () -> wire.secure("other.example", trust));
    }
    assertEquals(Reason.MISDIRECTED, stage.seen().refused.getLast());
    assertEquals(visits, site.visits().size());
  }

  @Test
  void what_is_no_tls_is_cut_off() throws IOException {
    try (Wire wire = stage.tunnel("site.example:" + site.port())) {
      wire.send("GET /a HTTP/1.1|Host: site.example||");
      assertEquals(0x15, wire.socket().getInputStream().read());
      wire.socket().getInputStream().skipNBytes(6);
      assertTrue(wire.ends());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "user@site.example:443, 403",
    "site.example@10.0.0.1:443, 403",
    "169.254.169.254:443, 403",
    "[::1]:443, 403",
    "[::ffff:a9fe:a9fe]:443, 403",
    "2852039166:443, 403",
    "0xA9FEA9FE:443, 403",
    "0251.0376.0251.0376:443, 403",
    "site.example:22, 403",
    "site.example, 403",
    "no-such-host.invalid:443, 502"
  })
  void a_target_nobody_may_connect_to_is_refused_with_a_sentence(String target, int status)
      throws IOException {
    try (Wire wire = stage.connect()) {
      Reply reply = wire.send(connect(target, AUTH)).reply();
      assertEquals(status, reply.status());
      assertTrue(reply.body().endsWith(".\n"), reply.body());
      assertTrue(reply.head().startsWith("HTTP/1.1 " + status + " " + reply.body().strip()));
    }
  }

  @Test
  void the_policy_of_the_environment_holds_for_tunnels() throws IOException {
    stage.limit("limited", "site.example");
    for (String target : List.of("site.example.evil.test:443", "site.example:8443")) {
      try (Wire wire = stage.connect()) {
        assertEquals(
            403, wire.send(connect(target, ProxyStage.auth("limited"))).reply().status(), target);
      }
    }
  }

  @Test
  void without_identity_there_is_no_tunnel() throws IOException {
    try (Wire wire = stage.connect()) {
      wire.send(connect("site.example:" + site.port(), "X-No: 1"));
      assertEquals(407, wire.reply().status());
      assertTrue(wire.ends());
    }
  }

  @Test
  void the_tunnel_of_a_sandbox_that_has_ended_is_closed() throws Exception {
    stage.admit("ending", new Unrestricted());
    try (Wire wire = stage.connect()) {
      wire.send(connect("site.example:" + site.port(), ProxyStage.auth("ending")));
      assertEquals(200, wire.reply(false).status());
      stage.end("ending");
      assertTrue(wire.ends());
    }
  }

  @Test
  void a_secret_for_another_host_or_port_opens_no_tunnel() throws Exception {
    try (ProxyStage bound = ProxyStage.start(directory, Set.of())) {
      // Bound to the host, but its port is not a usual one: the host's own certificate is seen.
      bound.secret("vcrd_1", "s3cret-canary", HostSet.listed(List.of("site.example")));
      try (Wire secure =
          bound.tunnel("site.example:" + site.port()).secure("site.example", trust)) {
        assertEquals("there", secure.send("GET /a HTTP/1.1|Host: site.example||").reply().body());
      }
    }
  }
}
