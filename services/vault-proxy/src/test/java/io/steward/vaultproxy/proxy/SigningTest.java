package io.steward.vaultproxy.proxy;

import static io.steward.vaultproxy.proxy.ProxyStage.AUTH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Injection.Algorithm;
import io.steward.vaultproxy.inject.Injection.Encoding;
import io.steward.vaultproxy.inject.Injection.SessionToken;
import io.steward.vaultproxy.inject.Injection.SignAws;
import io.steward.vaultproxy.inject.Injection.SignHmac;
import io.steward.vaultproxy.inject.Placeholder;
import io.steward.vaultproxy.inject.Signing;
import io.steward.vaultproxy.policy.HostSet;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.proxy.Wire.Reply;
import io.steward.vaultproxy.stage.GitServer.Identity;
import io.steward.vaultproxy.stage.WebSite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Requests a sandbox signed with placeholders, at servers that know the real keys and take nothing
/// else.
class SigningTest {
  private static final AwsParty REAL = new AwsParty("AKIDREAL", "canary-aws-key-0123456789abcdef");
  private static final String TOKEN = "canary-session-token-0123456789";
  private static final String HMAC_KEY = "canary-hmac-key-0123456789";
  private static final String SCOPE = "20260102/eu-central-1/s3/aws4_request";
  private static final HostSet SITE = HostSet.listed(List.of("site.example"));
  private static final Placeholder AWS_ID = placeholder("AWS_ACCESS_KEY_ID");
  private static final Placeholder AWS_KEY = placeholder("AWS_SECRET_ACCESS_KEY");
  private static final Placeholder AWS_TOKEN = placeholder("AWS_SESSION_TOKEN");
  private static final Placeholder HOOK = placeholder("HOOK_KEY");
  private static final AwsParty SANDBOX = new AwsParty(AWS_ID.text(), AWS_KEY.text());

  @TempDir private static Path directory;
  private static WebSite site;
  private static X509TrustManager trust;
  private static ProxyStage stage;

  private static Placeholder placeholder(String name) {
    return new Placeholder(Placeholders.of("salt", SessionId.random(1), name));
  }

  @BeforeAll
  static void start() throws Exception {
    Identity identity = Identity.make(directory, "dns:site.example,dns:other.example");
    trust = ProxyStage.trust(identity.certificate());
    site = WebSite.start(identity);
    site.page("/bucket/key", SigningTest::store);
    site.page("/hook", SigningTest::hook);
    stage = ProxyStage.start(directory, Set.of(site.port()), ProxyLimits.usual(), trust);
  }

  private static void store(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Map<String, String> headers = headers(exchange);
    String authorization = headers.getOrDefault("authorization", "");
    boolean signed =
        REAL.signed(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getRawPath(),
            headers,
            authorization,
            body);
    boolean ended = !headers.getOrDefault("x-amz-security-token", TOKEN).equals(TOKEN);
    String text = (signed && !ended ? "kept " : "forbidden ") + body.length;
    byte[] answer = (text + " " + headers.get("x-amz-security-token")).getBytes(UTF_8);
    exchange.sendResponseHeaders(signed && !ended ? 200 : 403, answer.length);
    exchange.getResponseBody().write(answer);
  }

  private static void hook(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1);
    Map<String, String> headers = headers(exchange);
    String content = headers.get("x-time") + "." + body;
    String code = HexFormat.of().formatHex(AwsParty.mac(HMAC_KEY.getBytes(UTF_8), content));
    boolean signed = ("sha256=" + code).equals(headers.get("x-signature"));
    byte[] answer = body.getBytes(ISO_8859_1);
    exchange.sendResponseHeaders(signed ? 200 : 403, answer.length == 0 ? -1 : answer.length);
    exchange.getResponseBody().write(answer);
  }

  private static Map<String, String> headers(HttpExchange exchange) {
    Map<String, String> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    return headers;
  }

  @AfterAll
  static void stop() {
    stage.close();
    site.close();
  }

  @BeforeEach
  void forget() {
    stage.forgetSecrets();
    stage.seen().used.clear();
    site.visits().clear();
  }

  private static void useAws(List<String> regions) {
    SignAws form =
        new SignAws(
            AWS_ID,
            AWS_KEY,
            REAL.accessKeyId(),
            REAL.key().getBytes(UTF_8),
            new SessionToken(AWS_TOKEN, TOKEN),
            regions,
            List.of());
    stage.use(new Injection("vlt_1", "vcrd_aws", SITE, form));
  }

  private static void useHmac() {
    SignHmac form =
        new SignHmac(
            HOOK,
            HMAC_KEY.getBytes(UTF_8),
            Algorithm.SHA256,
            Encoding.HEX,
            "X-Signature",
            "sha256=",
            List.of("X-Time"),
            ".");
    stage.use(new Injection("vlt_1", "vcrd_hmac", SITE, form));
  }

  /// The head of a request to the store, as the sandbox signs it.
  ///
  /// @param payload what `x-amz-content-sha256` says, or null for no such header
  private static String put(@Nullable String payload, String body, String... more) {
    Map<String, String> headers = new TreeMap<>();
    headers.put("host", "site.example:" + site.port());
    headers.put("x-amz-date", AwsParty.DATE);
    if (payload != null) {
      headers.put("x-amz-content-sha256", payload);
    }
    for (int i = 0; i < more.length; i += 2) {
      headers.put(more[i], more[i + 1]);
    }
    List<String> signed = List.copyOf(headers.keySet());
    headers.put(
        "authorization",
        SANDBOX.authorization(
            SCOPE,
            "PUT",
            "/bucket/key",
            headers,
            signed,
            payload == null ? AwsParty.sha256(body) : payload));
    return "PUT /bucket/key HTTP/1.1|"
        + headers.entrySet().stream()
            .map(header -> header.getKey() + ": " + header.getValue() + "|")
            .collect(Collectors.joining());
  }

  private static Reply ask(String head, String body) throws Exception {
    try (Wire secure = stage.intercepted("site.example", site.port())) {
      return secure
          .send(head + "Content-Length: " + body.length() + "||")
          .send(body.getBytes(ISO_8859_1))
          .reply();
    }
  }

  private static String chunks(String body) {
    StringBuilder chunks = new StringBuilder();
    for (int at = 0; at < body.length(); at += 50_000) {
      String chunk = body.substring(at, Math.min(body.length(), at + 50_000));
      chunks.append(Integer.toHexString(chunk.length())).append("\r\n");
      chunks.append(chunk).append("\r\n");
    }
    return chunks.append("0\r\n\r\n").toString();
  }

  @Test
  void a_request_is_signed_over_the_hash_of_its_body() throws Exception {
    useAws(List.of("eu-central-1"));
    Reply reply = ask(put(null, "hello"), "hello");
    assertEquals("kept 5 null", reply.body());
    assertEquals("vcrd_aws", stage.seen().used.getLast().credentialId());
    assertEquals("vlt_1", stage.seen().used.getLast().vaultId());
    assertEquals(200, stage.seen().used.getLast().status());
  }

  @Test
  void a_request_without_a_body_is_signed_too() throws Exception {
    useAws(List.of());
    try (Wire secure = stage.intercepted("site.example", site.port())) {
      assertEquals("kept 0 null", secure.send(put(null, "") + "|").reply().body());
    }
  }

  @Test
  void a_long_body_streams_when_its_hash_is_said() throws Exception {
    useAws(List.of());
    String body = "x".repeat(3 * Signing.BODY_BYTES_MAX);
    assertEquals(
        "kept " + body.length() + " null", ask(put(AwsParty.sha256(body), body), body).body());
    assertEquals(
        "kept " + body.length() + " null", ask(put("UNSIGNED-PAYLOAD", body), body).body());
    assertEquals(
        "forbidden " + body.length() + " null", ask(put(AwsParty.sha256("y"), body), body).body());
  }

  @Test
  void the_session_token_is_signed_and_taken_out_of_the_answer() throws Exception {
    useAws(List.of());
    Reply reply = ask(put(null, "hello", "x-amz-security-token", AWS_TOKEN.text()), "hello");
    assertEquals("kept 5 " + AWS_TOKEN.text(), reply.body());
  }

  @Test
  void a_body_that_is_hashed_keeps_its_placeholders() throws Exception {
    useAws(List.of());
    Placeholder other = stage.secret("vcrd_1", "s3cret-canary-0123456789", SITE);
    assertEquals("kept 46 null", ask(put(null, other.text()), other.text()).body());
    assertEquals(
        Set.of("vcrd_aws"),
        stage.seen().used.stream()
            .map(ProxyObserver.CredentialUse::credentialId)
            .collect(Collectors.toSet()));
  }

  @Test
  void a_placeholder_in_a_header_is_signed_as_the_secret() throws Exception {
    useAws(List.of());
    Placeholder other = stage.secret("vcrd_1", "s3cret-canary-0123456789", SITE);
    assertEquals(200, ask(put(null, "hello", "x-amz-meta-key", other.text()), "hello").status());
    assertEquals(
        List.of("s3cret-canary-0123456789"),
        site.visits().getLast().headers().get("X-amz-meta-key"));
  }

  @Test
  void a_body_in_chunks_is_gathered_and_signed() throws Exception {
    useAws(List.of());
    String body = "x".repeat(300_000);
    try (Wire secure = stage.intercepted("site.example", site.port())) {
      secure.send(put(null, body) + "Transfer-Encoding: chunked||");
      assertEquals(
          "kept 300000 null", secure.send(chunks(body).getBytes(ISO_8859_1)).reply().body());
    }
  }

  @Test
  void a_body_that_is_too_long_to_be_signed_is_413_and_nothing_leaves() throws Exception {
    useAws(List.of());
    String body = "x".repeat(Signing.BODY_BYTES_MAX + 1);
    String sentence =
        "The body of a request that the proxy signs has at most 1048576 bytes; with AWS, one whose"
            + " hash stands in x-amz-content-sha256 may be longer.\n";
    Reply said = ask(put(null, body), body);
    assertEquals(413, said.status());
    assertEquals(sentence, said.body());
    try (Wire secure = stage.intercepted("site.example", site.port())) {
      secure.send(put(null, body) + "Transfer-Encoding: chunked||");
      Reply found = secure.send(chunks(body).getBytes(ISO_8859_1)).reply();
      assertEquals(413, found.status());
      assertEquals(sentence, found.body());
    }
    assertEquals(List.of(), site.visits());
    assertEquals(List.of(), stage.seen().used);
  }

  @Test
  void another_region_is_403_and_nothing_leaves() throws Exception {
    useAws(List.of("us-east-1"));
    Reply reply = ask(put(null, "hello"), "hello");
    assertEquals(403, reply.status());
    assertEquals(
        "The credential vcrd_aws does not sign for the region \"eu-central-1\".\n", reply.body());
    assertEquals(Reason.SECRET, stage.seen().refused.getLast());
    assertEquals(List.of(), site.visits());
  }

  @Test
  void signed_chunks_are_403_with_what_to_do() throws Exception {
    useAws(List.of());
    Reply reply = ask(put("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "hello"), "hello");
    assertEquals(403, reply.status());
    assertTrue(reply.body().contains("Switch chunk signing off in the client."), reply.body());
    assertEquals(List.of(), site.visits());
  }

  @Test
  void a_signature_over_something_else_is_403() throws Exception {
    useAws(List.of());
    Reply reply = ask(put(null, "hello"), "hellO");
    assertEquals(403, reply.status());
    assertTrue(reply.body().startsWith("The signature was not made over this request"));
    assertEquals(List.of(), site.visits());
  }

  @Test
  void to_another_host_the_signature_goes_as_it_is() throws Exception {
    useAws(List.of());
    try (Wire secure =
        stage.tunnel("other.example:" + site.port()).secure("other.example", trust)) {
      Reply reply = secure.send(put(null, "hello") + "Content-Length: 5||hello").reply();
      assertEquals("forbidden 5 null", reply.body());
    }
    String sent = String.valueOf(site.visits().getLast().headers().get("Authorization"));
    assertTrue(sent.contains(AWS_ID.text()), sent);
    assertEquals(List.of(), stage.seen().used);
  }

  @Test
  void without_tls_it_is_signed_too_because_no_secret_leaves() throws Exception {
    useAws(List.of());
    try (WebSite plain = WebSite.start();
        ProxyStage own = ProxyStage.start(directory, Set.of(plain.port()));
        Wire wire = own.connect()) {
      plain.page("/bucket/key", SigningTest::store);
      own.use(
          new Injection(
              "vlt_1",
              "vcrd_aws",
              SITE,
              new SignAws(
                  AWS_ID,
                  AWS_KEY,
                  REAL.accessKeyId(),
                  REAL.key().getBytes(UTF_8),
                  null,
                  List.of(),
                  List.of())));
      Map<String, String> headers =
          new TreeMap<>(
              Map.of("host", "site.example:" + plain.port(), "x-amz-date", AwsParty.DATE));
      String authorization =
          SANDBOX.authorization(
              SCOPE,
              "GET",
              "/bucket/key",
              headers,
              List.copyOf(headers.keySet()),
              AwsParty.sha256(""));
      Reply reply =
          wire.send(
                  "GET http://site.example:%1$d/bucket/key HTTP/1.1|Host: site.example:%1$d|%2$s|"
                          .formatted(plain.port(), AUTH)
                      + "X-Amz-Date: "
                      + AwsParty.DATE
                      + "|Authorization: "
                      + authorization
                      + "||")
              .reply();
      assertEquals("kept 0 null", reply.body());
    }
  }

  private static String post(String signature) {
    return "POST /hook HTTP/1.1|Host: site.example:"
        + site.port()
        + "|X-Time: 1767323045|X-Signature: "
        + signature
        + "|";
  }

  @Test
  void a_code_of_the_body_takes_the_place_of_the_placeholder() throws Exception {
    useHmac();
    assertEquals(200, ask(post(HOOK.text()), "{\"a\":1}").status());
    assertEquals(200, ask(post("sha256=" + HOOK.text()), "").status());
    assertEquals("vcrd_hmac", stage.seen().used.getLast().credentialId());
    assertEquals(403, ask(post("sha256=" + "0".repeat(64)), "{\"a\":1}").status());
  }

  @Test
  void what_leaves_is_signed_and_not_what_came() throws Exception {
    useHmac();
    Placeholder other = stage.secret("vcrd_1", "s3cret-canary-0123456789", SITE);
    Reply reply = ask(post(HOOK.text()), "key " + other.text());
    assertEquals(200, reply.status());
    assertEquals("key " + other.text(), reply.body());
    assertEquals(2, stage.seen().used.size());
  }

  @Test
  void a_key_that_comes_back_is_its_placeholder() throws Exception {
    useHmac();
    Reply reply = ask(post(HOOK.text()), "my key is " + HMAC_KEY);
    assertEquals("my key is " + HOOK.text(), reply.body());
    assertFalse((reply.head() + reply.body()).contains(HMAC_KEY));
  }

  @Test
  void a_body_with_secrets_is_too_long_once_they_are_in_it() throws Exception {
    useHmac();
    Placeholder other = stage.secret("vcrd_1", "y".repeat(60_000), SITE);
    Reply reply = ask(post(HOOK.text()), other.text().repeat(20));
    assertEquals(413, reply.status());
    assertEquals(List.of(), site.visits());
  }
}
