package io.steward.vaultproxy.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.vaultproxy.message.ConnectionHeaderDecoder;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.proxy.Wire.Reply;
import io.steward.vaultproxy.stage.WebSite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections whose header says whose they are.
@Timeout(60)
class ConnectionHeaderTest {
  private static final int LOCAL = 0x20;
  private static final int TOKEN = 0xE0;

  @TempDir private static Path directory;
  private static WebSite site;
  private static ProxyStage stage;

  @BeforeAll
  static void start() throws IOException {
    site = WebSite.start();
    site.page("/a", "text/plain", "there");
    stage = ProxyStage.start(directory, Set.of(site.port()));
    stage.admit("other", new Unrestricted());
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
  }

  private static String get(String headers) {
    return "GET http://site.example:" + site.port() + "/a HTTP/1.1|Host: a|" + headers + "|";
  }

  private static byte[] header(int command, int family, byte[] rest) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("\r\n\r\n\0\r\nQUIT\n".getBytes(ISO_8859_1));
    bytes.write(command);
    bytes.write(family);
    bytes.write(rest.length >> Byte.SIZE);
    bytes.write(rest.length);
    bytes.writeBytes(rest);
    return bytes.toByteArray();
  }

  private static byte[] tlv(int type, int length, String value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(type);
    bytes.write(length >> Byte.SIZE);
    bytes.write(length);
    bytes.writeBytes(value.getBytes(ISO_8859_1));
    return bytes.toByteArray();
  }

  private static byte[] header(String token) {
    return header(LOCAL, 0, tlv(TOKEN, token.length(), token));
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Stream.of(parts).forEach(bytes::writeBytes);
    return bytes.toByteArray();
  }

  @Test
  void the_requests_of_the_connection_are_the_sandbox_s_and_need_no_token() throws IOException {
    try (Wire wire = stage.connect()) {
      wire.send(header(ProxyStage.TOKEN));
      assertEquals("there", wire.send(get("")).reply().body());
      assertEquals("there", wire.send(get("")).reply().body());
      assertEquals("there", wire.send(get(ProxyStage.AUTH + "|")).reply().body());
    }
  }

  @Test
  void header_and_request_may_come_at_once_or_byte_by_byte() throws IOException {
    byte[] all = join(header(ProxyStage.TOKEN), get("").replace("|", "\r\n").getBytes(ISO_8859_1));
    try (Wire once = stage.connect();
        Wire slow = stage.connect()) {
      assertEquals("there", once.send(all).reply().body());
      slow.socket().setTcpNoDelay(true);
      for (byte b : all) {
        slow.send(new byte[] {b});
      }
      assertEquals("there", slow.reply().body());
    }
  }

  @Test
  void a_tunnel_is_the_sandbox_s_too() throws IOException {
    try (Wire wire = stage.connect()) {
      wire.send(header(ProxyStage.TOKEN));
      wire.send("CONNECT site.example:" + site.port() + " HTTP/1.1|Host: a||");
      assertEquals(200, wire.reply(false).status());
    }
  }

  @Test
  void a_request_that_names_another_sandbox_is_refused_and_ends_the_connection()
      throws IOException {
    int visits = site.visits().size();
    try (Wire wire = stage.connect()) {
      wire.send(header(ProxyStage.TOKEN));
      assertEquals(407, wire.send(get(ProxyStage.auth("other") + "|")).reply().status());
      assertTrue(wire.ends());
    }
    assertEquals(visits, site.visits().size());
  }

  @Test
  void a_header_of_the_sandbox_behind_that_of_its_relay_is_no_request() throws IOException {
    try (Wire wire = stage.connect()) {
      wire.send(join(header(ProxyStage.TOKEN), header("other")));
      Reply reply = wire.send(get("")).reply();
      assertEquals(400, reply.status());
      assertTrue(wire.ends());
    }
  }

  static Stream<byte[]> broken() {
    String token = ProxyStage.TOKEN;
    byte[] good = tlv(TOKEN, token.length(), token);
    String longest = "x".repeat(ConnectionHeaderDecoder.TOKEN_CHARS_MAX);
    return Stream.of(
        "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n".getBytes(ISO_8859_1),
        "PROXY UNKNOWN\r\n".getBytes(ISO_8859_1),
        header(0x21, 0, good), // PROXY
        header(0x22, 0, good), // no command
        header(0x10, 0, good), // version 1
        header(LOCAL, 0x11, good), // addresses of IPv4
        header(LOCAL, 0, new byte[0]),
        header(LOCAL, 0, new byte[] {(byte) TOKEN, 0, 0}),
        header(LOCAL, 0, tlv(0xE1, token.length(), token)),
        header(LOCAL, 0, tlv(TOKEN, token.length() + 1, token)),
        header(LOCAL, 0, tlv(TOKEN, token.length() - 1, token)),
        header(LOCAL, 0, join(good, good)),
        header(LOCAL, 0, tlv(TOKEN, 3, "a b")),
        header(LOCAL, 0, tlv(TOKEN, 2, "\u00e4b")),
        header(LOCAL, 0, tlv(TOKEN, longest.length() + 1, longest + "x")));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void any_other_header_is_the_end_of_the_connection(byte[] header) throws IOException {
    int visits = site.visits().size();
    int refused = stage.seen().refused.size();
    try (Wire wire = stage.connect()) {
      wire.send(join(header, get(ProxyStage.AUTH + "|").replace("|", "\r\n").getBytes(ISO_8859_1)));
      assertTrue(wire.ends());
    }
    assertEquals(visits, site.visits().size());
    assertEquals(refused + 1, stage.seen().refused.size());
    assertEquals(Reason.MALFORMED, stage.seen().refused.getLast());
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "PROPFIND", "P", "POST"})
  void methods_that_begin_like_a_header_are_none(String method) throws IOException {
    site.page("/m", "text/plain", "done");
    try (Wire wire = stage.connect()) {
      wire.send(method.substring(0, 1));
      String rest =
          " http://site.example:" + site.port() + "/m HTTP/1.1|Host: a|" + ProxyStage.AUTH + "||";
      assertEquals("done", wire.send(method.substring(1) + rest).reply().body());
    }
  }

  @Test
  void a_token_that_is_announced_while_it_is_looked_for_is_let_in() throws IOException {
    try (ProxyStage patient =
            ProxyStage.start(directory, Set.of(), ProxyStage.patient(Duration.ofMinutes(1)), null);
        Wire relayed = patient.connect();
        Wire plain = patient.connect()) {
      relayed.send(header("late-1")).send(get(""));
      plain.send(get(ProxyStage.auth("late-2") + "|"));
      while (patient.looks("late-1") < 3 || patient.looks("late-2") < 2) {
        Thread.onSpinWait();
      }
      patient.admit("late-1", new Unrestricted());
      patient.admit("late-2", new Unrestricted());
      assertEquals("there", relayed.reply().body());
      assertEquals("there", plain.reply().body());
    }
  }

  @Test
  void a_token_that_is_never_announced_is_refused() throws IOException {
    try (Wire wire = stage.connect()) {
      Reply reply = wire.send(header("nobody")).send(get("")).reply();
      assertEquals(407, reply.status());
      assertEquals("The proxy does not know this sandbox, or it has ended.\n", reply.body());
      assertTrue(wire.ends());
    }
    assertTrue(stage.looks("nobody") > 1, "it was looked for again");
    assertEquals(Reason.UNKNOWN_SANDBOX, stage.seen().refused.getLast());
  }

  @Test
  void connections_of_a_sandbox_that_ends_are_closed_before_they_ask() throws IOException {
    stage.admit("ending", new Unrestricted());
    try (Wire wire = stage.connect()) {
      wire.send(header("ending"));
      assertEquals("there", wire.send(get("")).reply().body());
      stage.end("ending");
      assertTrue(wire.ends());
    }
  }
}
