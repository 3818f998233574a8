package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.oauth.TokenAnswer.Granted;
import io.steward.vaultproxy.oauth.TokenAnswer.NotGranted;
import io.steward.vaultproxy.outbound.Deadline;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.stage.OauthSite;
import io.steward.vaultproxy.stage.RecordedUses;
import io.steward.vaultproxy.stage.TokenStage;
import io.steward.vaultproxy.stage.WebSite;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialAuth.McpOauth;
import io.steward.vaultproxy.vault.CredentialAuth.Refresh;
import io.steward.vaultproxy.vault.CredentialAuth.TokenEndpointAuth;
import io.steward.vaultproxy.vault.OpenCredential;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What endpoints may answer, and what is made of it.
@Timeout(60)
class TokenEndpointTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final PinnedClient client = TokenStage.client(VERTX);
  private WebSite site;

  @BeforeEach
  void start() throws IOException {
    site = WebSite.start();
  }

  @AfterEach
  void stop() {
    client.close();
    site.close();
  }

  @AfterAll
  static void stopVertx() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  private static TokenAnswer refresh(PinnedClient client, String url, Duration patience) {
    Refresh how =
        new Refresh(
            OauthSite.CLIENT_ID, url, null, null, new TokenEndpointAuth(TokenEndpointAuth.BASIC));
    Credential credential =
        new Credential(
            "vcrd_1",
            "vlt_1",
            new McpOauth("https://a.example", null, how),
            null,
            Map.of(),
            TokenStage.START,
            TokenStage.START,
            null);
    OpenCredential open =
        new OpenCredential(
            credential,
            Map.of(
                SecretField.ACCESS_TOKEN, new SecretValue(OauthSite.FIRST_ACCESS),
                SecretField.REFRESH_TOKEN, new SecretValue(OauthSite.FIRST_REFRESH),
                SecretField.CLIENT_SECRET, new SecretValue(OauthSite.CLIENT_SECRET)));
    return new TokenEndpoint(
            client,
            new RecordedUses()
                .audit(() -> TokenStage.START)
                .user(Purpose.OAUTH_REFRESH, "wrkspc_default", null))
        .refresh(open, how, Deadline.in(patience));
  }

  private NotGranted refused(String url) {
    return refused(refresh(client, url, PATIENCE));
  }

  private static NotGranted refused(TokenAnswer answer) {
    NotGranted refused = assertInstanceOf(NotGranted.class, answer);
    assertFalse(refused.toString().contains("canary"), refused.toString());
    return refused;
  }

  private static HttpReport response(NotGranted refused) {
    return Objects.requireNonNull(refused.response());
  }

  private String url() {
    return "http://127.0.0.1:" + site.port() + "/token";
  }

  /// The endpoint answers so, and says all it was told.
  private void answers(int status, String type, String body) {
    site.page(
        "/token",
        exchange -> {
          String form =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          String told = form + " " + exchange.getRequestHeaders().getFirst("Authorization");
          byte[] bytes = body.replace("$TOLD", told).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", type);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"t\",\"token_type\":\"bEARER\",\"scope\":\"x\"}",
        "{\"access_token\":\"t\"}",
        "{\"access_token\":\"t\",\"token_type\":null,\"refresh_token\":null,\"error\":null}",
        "{\"access_token\":\"t\",\"refresh_token\":\"\",\"expires_in\":[]}",
      })
  void a_token_is_taken_with_or_without_what_may_be_left_out(String body) {
    answers(200, "application/json", body);

    Granted granted = assertInstanceOf(Granted.class, refresh(client, url(), PATIENCE));

    assertEquals("t", granted.tokens().accessToken().text());
    assertNull(granted.tokens().expiresAt());
    assertNull(granted.tokens().refreshToken());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "not json $TOLD | The token endpoint's answer is not a JSON object.",
        "[\"$TOLD\"] | The token endpoint's answer is not a JSON object.",
        "'' | The token endpoint's answer is not a JSON object.",
        "{\"token\":\"$TOLD\"} | The token endpoint's answer has no `access_token`.",
        "{\"access_token\":\"\"} | The token endpoint's answer has no `access_token`.",
        "{\"access_token\":7} | The token endpoint's answer has no `access_token`.",
        "{\"access_token\":\"canary a\\r\\nX: y\"} | The token endpoint's `access_token` has more"
            + " than 65536 characters, or one that no header can carry.",
        "{\"access_token\":\"canary-x\",\"token_type\":\"mac\"} |"
            + " The token endpoint's `token_type` is not Bearer.",
        "{\"access_token\":\"canary-x\",\"token_type\":[]} |"
            + " The token endpoint's `token_type` is not Bearer.",
      })
  void an_answer_that_is_none_is_a_failure_that_may_pass(String body, String sentence) {
    answers(200, "application/json", body);

    NotGranted refused = refused(url());

    assertEquals(sentence, refused.sentence());
    assertFalse(refused.refused());
    assertEquals(200, response(refused).statusCode());
  }

  @ParameterizedTest
  @CsvSource({
    "400, invalid_grant, true",
    "401, invalid_client, true",
    "403, invalid_grant, true",
    "404, invalid_request, true",
    "200, invalid_grant, true",
    "408, invalid_request, false",
    "429, invalid_request, false",
    "500, server_error, false",
    "503, temporarily_unavailable, false",
  })
  void an_endpoint_that_says_no_is_told_from_one_in_trouble(
      int status, String error, boolean refusal) {
    answers(
        status,
        "application/json",
        "{\"error\":\""
            + error
            + "\",\"error_description\":\"$TOLD\",\"refresh_token\":\"canary\"}");

    NotGranted refused = refused(url());

    assertEquals(
        "The token endpoint answered with status " + status + " and the error " + error + ".",
        refused.sentence());
    assertEquals(refusal, refused.refused());
    HttpReport report = response(refused);
    assertEquals(status, report.statusCode());
    assertEquals("application/json", report.contentType());
    assertTrue(report.body().startsWith("{\"error\":\"" + error), report.body());
    assertFalse(report.bodyTruncated());
  }

  @Test
  void an_error_that_is_not_a_known_one_is_not_repeated() {
    answers(400, "application/json", "{\"error\":\"canary-secret\"}");

    TokenAnswer answer = refresh(client, url(), PATIENCE);

    assertEquals(
        "The token endpoint answered with status 400.",
        assertInstanceOf(NotGranted.class, answer).sentence());
  }

  @Test
  void a_redirect_is_not_followed() {
    site.redirect("/token", "http://127.0.0.1:" + site.port() + "/other");

    NotGranted refused = refused(url());

    assertEquals("The token endpoint redirects, and that is not followed.", refused.sentence());
    assertEquals(1, site.visits().size());
  }

  @Test
  void a_huge_answer_is_cut_off() {
    answers(200, "text/html", "x".repeat(10_000_000));

    NotGranted refused = refused(url());

    assertEquals(
        "The token endpoint's answer has more than the limit of 196608 bytes.", refused.sentence());
    assertTrue(response(refused).bodyTruncated());
    assertEquals(HttpReport.BODY_CHARS_MAX, response(refused).body().length());
  }

  @Test
  void a_compressed_answer_is_not_unpacked() {
    site.page(
        "/token",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Encoding", "gzip");
          exchange.sendResponseHeaders(200, -1);
        });

    assertEquals(
        "The token endpoint sent its answer compressed, although nobody asked for it.",
        refused(url()).sentence());
  }

  @Test
  void an_endpoint_that_never_answers_is_given_up() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    site.page(
        "/token",
        exchange -> {
          try {
            mayEnd.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    NotGranted refused = refused(refresh(client, url(), Duration.ofMillis(300)));
    mayEnd.countDown();

    assertEquals("The host did not answer in time.", refused.sentence());
    assertNull(refused.response());
    assertFalse(refused.refused());
  }

  @Test
  void an_endpoint_that_hangs_up_is_a_failure() {
    site.page(
        "/token",
        exchange -> {
          throw new IOException("gone");
        });

    assertEquals("The host did not send a complete answer.", refused(url()).sentence());
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:1/token, The host cannot be connected to.",
    "http://nowhere.example/token, The host has no address.",
    "http://inside.example/token, 'The host inside.example is not on the public internet, and not"
        + " allowed here.'",
    "http://192.168.0.1/token, 'The host 192.168.0.1 is not on the public internet, and not allowed"
        + " here.'",
    "http://[::ffff:10.0.0.1]/token, 'The host 10.0.0.1 is not on the public internet, and not"
        + " allowed here.'",
    "http://127.0.0.1:22/token, Port 22 is not one web pages are fetched from.",
  })
  void where_nobody_may_or_can_connect_to_is_a_failure(String url, String sentence) {
    NotGranted refused = refused(url);

    assertEquals(sentence, refused.sentence());
    assertNull(refused.response());
    assertFalse(refused.refused());
  }
}
