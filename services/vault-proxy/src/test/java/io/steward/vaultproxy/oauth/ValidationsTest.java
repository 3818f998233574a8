package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.stage.OauthSite;
import io.steward.vaultproxy.stage.TokenStage;
import io.steward.vaultproxy.stage.TokenStage.Instance;
import io.steward.vaultproxy.stage.WebSite;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Verdicts about credentials, from real servers.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ValidationsTest {
  private final TokenStage stage;
  private OauthSite site;
  private Instance instance;

  ValidationsTest(@TempDir Path directory) throws IOException {
    stage = new TokenStage(directory);
  }

  @BeforeEach
  void start() throws IOException {
    site = OauthSite.start();
    instance = stage.instance();
  }

  @AfterEach
  void stop() {
    instance.close();
    site.close();
  }

  @AfterAll
  void stopStage() throws IOException {
    stage.close();
  }

  private Credential oauth(boolean refreshable) {
    return oauth(site.url("/mcp"), refreshable);
  }

  private Credential oauth(String url, boolean refreshable) {
    String refresh =
        ",'refresh':{'client_id':'"
            + OauthSite.CLIENT_ID
            + "','token_endpoint':'"
            + site.url("/token")
            + "','refresh_token':'"
            + OauthSite.FIRST_REFRESH
            + "','token_endpoint_auth':{'type':'client_secret_basic','client_secret':'"
            + OauthSite.CLIENT_SECRET
            + "'}}";
    return stage.credential(
        stage.vault(),
        "{'type':'mcp_oauth','mcp_server_url':'"
            + url
            + "','access_token':'"
            + OauthSite.FIRST_ACCESS
            + "'"
            + (refreshable ? refresh : "")
            + "}");
  }

  private JsonNode validate(Credential credential) {
    JsonNode json =
        Json.tree(
            Json.bytes(instance.validations().validate(credential.vaultId(), credential.id())));
    assertFalse(json.toString().contains("canary"), json.toString());
    return json;
  }

  private void answer(String path, int status, String type, String body) {
    site.site()
        .page(
            path,
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
              exchange.getResponseHeaders().set("Content-Type", type);
              exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
              exchange.getResponseBody().write(bytes);
            });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_token_the_server_takes_is_valid(boolean streams) {
    site.accept(OauthSite.FIRST_ACCESS);
    if (streams) {
      site.stream();
    }
    Credential credential = oauth(true);

    JsonNode validation = validate(credential);

    assertEquals(
        Json.tree(
            ("{\"type\":\"vault_credential_validation\",\"credential_id\":\""
                    + credential.id()
                    + "\",\"vault_id\":\""
                    + credential.vaultId()
                    + "\",\"validated_at\":\"2026-01-02T03:04:05.678Z\",\"has_refresh_token\":true,"
                    + "\"status\":\"valid\",\"mcp_probe\":null,\"refresh\":null}")
                .getBytes(StandardCharsets.UTF_8)),
        validation);
    assertEquals(4, site.visits("/mcp")); // The last one ends the session.
  }

  @Test
  void a_refused_token_is_refreshed_kept_and_tried_again() {
    Credential credential = oauth(true);

    JsonNode validation = validate(credential);

    assertEquals("valid", validation.path("status").asText());
    assertTrue(validation.path("mcp_probe").isNull());
    assertEquals(
        "{\"status\":\"succeeded\",\"http_response\":null}", validation.path("refresh").toString());
    assertEquals(
        Optional.of(new SecretValue("canary-access-1")),
        stage
            .credentials()
            .secret(credential.vaultId(), credential.id(), SecretField.ACCESS_TOKEN));
    assertEquals("valid", validate(credential).path("status").asText());
    assertEquals(1, site.visits("/token"));
  }

  @Test
  void a_refused_token_that_cannot_be_refreshed_is_invalid() {
    JsonNode validation = validate(oauth(false));

    assertEquals("invalid", validation.path("status").asText());
    assertFalse(validation.path("has_refresh_token").asBoolean());
    assertEquals("initialize", validation.at("/mcp_probe/method").asText());
    assertEquals(401, validation.at("/mcp_probe/http_response/status_code").asInt());
    assertEquals(
        "application/json", validation.at("/mcp_probe/http_response/content_type").asText());
    assertTrue(
        validation.at("/mcp_probe/http_response/body").asText().contains("\"sent\":\"Bearer ***\""),
        validation::toString);
    assertFalse(validation.at("/mcp_probe/http_response/body_truncated").asBoolean(true));
    assertEquals("no_refresh_token", validation.at("/refresh/status").asText());
    assertTrue(validation.at("/refresh/http_response").isNull());
  }

  @Test
  void a_refreshed_token_that_is_refused_too_is_invalid() {
    answer("/mcp", 401, "text/plain", "no");

    JsonNode validation = validate(oauth(true));

    assertEquals("invalid", validation.path("status").asText());
    assertEquals("no", validation.at("/mcp_probe/http_response/body").asText());
    assertEquals("succeeded", validation.at("/refresh/status").asText());
  }

  @ParameterizedTest
  @CsvSource({"400, invalid", "403, invalid", "429, unknown", "500, unknown"})
  void a_refresh_that_fails_is_shown(int status, String verdict) {
    answer("/token", status, "text/html", "<p>client_secret=canary</p>");

    JsonNode validation = validate(oauth(true));

    assertEquals(verdict, validation.path("status").asText());
    assertEquals("initialize", validation.at("/mcp_probe/method").asText());
    assertEquals("failed", validation.at("/refresh/status").asText());
    assertEquals(status, validation.at("/refresh/http_response/status_code").asInt());
    assertEquals("text/html", validation.at("/refresh/http_response/content_type").asText());
    assertEquals("<p>client_secret=***</p>", validation.at("/refresh/http_response/body").asText());
  }

  @Test
  void a_refresh_that_failed_a_moment_ago_is_tried_again() {
    answer("/token", 400, "text/html", "");
    Credential credential = oauth(true);

    JsonNode first = validate(credential);
    JsonNode second = validate(credential);

    assertEquals(first, second);
    assertEquals(2, site.visits("/token"));
  }

  @Test
  void an_endpoint_that_cannot_be_reached_leaves_it_unknown() {
    site.site()
        .page(
            "/token",
            exchange -> {
              throw new IOException("gone");
            });

    JsonNode validation = validate(oauth(true));

    assertEquals("unknown", validation.path("status").asText());
    assertEquals(
        "{\"status\":\"connect_error\",\"http_response\":null}",
        validation.path("refresh").toString());
  }

  @ParameterizedTest
  @CsvSource({
    "403, invalid",
    "404, invalid",
    "406, invalid",
    "408, unknown",
    "429, unknown",
    "500, unknown",
    "503, unknown",
    "204, unknown",
    "200, unknown",
  })
  void a_server_that_does_something_else_is_judged_by_its_status(int status, String verdict) {
    answer("/mcp", status, "text/plain", status == 204 ? "" : "what?");

    JsonNode validation = validate(oauth(true));

    assertEquals(verdict, validation.path("status").asText());
    assertEquals(status, validation.at("/mcp_probe/http_response/status_code").asInt());
    assertTrue(validation.path("refresh").isNull());
    assertEquals(0, site.visits("/token"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:1/mcp",
        "http://inside.example/mcp",
        "http://10.0.0.1/mcp",
        "http://nowhere.example/mcp",
        "http://127.0.0.1:22/mcp",
      })
  void a_server_nobody_may_or_can_connect_to_leaves_it_unknown(String url) {
    JsonNode validation = validate(oauth(url, true));

    assertEquals("unknown", validation.path("status").asText());
    assertEquals(
        "{\"method\":\"initialize\",\"http_response\":null}",
        validation.path("mcp_probe").toString());
  }

  @Test
  void a_redirect_is_not_followed() {
    site.accept(OauthSite.FIRST_ACCESS);
    site.site().redirect("/moved", site.url("/mcp"));

    JsonNode validation = validate(oauth(site.url("/moved"), true));

    assertEquals("unknown", validation.path("status").asText());
    assertEquals(302, validation.at("/mcp_probe/http_response/status_code").asInt());
    assertEquals(0, site.visits("/mcp"));
  }

  @Test
  void a_huge_answer_leaves_it_unknown_and_is_cut() {
    answer("/mcp", 200, "application/json", "x".repeat(2_000_000));

    JsonNode validation = validate(oauth(true));

    assertEquals("unknown", validation.path("status").asText());
    assertTrue(validation.at("/mcp_probe/http_response/body_truncated").asBoolean());
    assertEquals(
        HttpReport.BODY_CHARS_MAX,
        validation.at("/mcp_probe/http_response/body").asText().length());
  }

  /// Answers one method so, and is strict and kind otherwise.
  private void fail(String failing, int status) {
    WebSite.Page page =
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          JsonNode message = Json.tree(body.getBytes(StandardCharsets.UTF_8));
          String method = message.path("method").asText();
          if (method.equals(failing)) {
            OauthSite.send(exchange, status, Map.of("failing", method));
          } else if (message.has("id")) {
            OauthSite.send(
                exchange,
                200,
                Map.of(
                    "jsonrpc",
                    "2.0",
                    "id",
                    message.path("id"),
                    "result",
                    Map.of("capabilities", Map.of("tools", Map.of()))));
          } else {
            exchange.sendResponseHeaders(202, -1);
          }
        };
    site.site().page("/mcp", page);
  }

  @ParameterizedTest
  @CsvSource({
    "notifications/initialized, 403, invalid",
    "tools/list, 403, invalid",
    "tools/list, 500, unknown",
    "tools/list, 200, unknown",
  })
  void the_step_that_failed_is_named(String method, int status, String verdict) {
    fail(method, status);

    JsonNode validation = validate(oauth(false));

    assertEquals(verdict, validation.path("status").asText());
    assertEquals(method, validation.at("/mcp_probe/method").asText());
    assertEquals(
        "{\"failing\":\"" + method + "\"}",
        validation.at("/mcp_probe/http_response/body").asText());
  }

  @Test
  void a_server_without_tools_need_not_list_any() {
    answer(
        "/mcp",
        200,
        "application/json",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"capabilities\":{}}}");

    assertEquals("valid", validate(oauth(false)).path("status").asText());
    assertEquals(2, site.visits("/mcp"));
  }

  @ParameterizedTest
  @CsvSource({"/sse, valid", "/sse401, invalid", "/other, invalid"})
  void a_server_of_the_older_protocol_is_asked_for_its_stream(String path, String verdict) {
    site.site()
        .page(
            path,
            exchange -> {
              boolean stream =
                  exchange.getRequestMethod().equals("GET")
                      && "text/event-stream".equals(exchange.getRequestHeaders().getFirst("Accept"))
                      && exchange
                          .getRequestHeaders()
                          .getFirst("Authorization")
                          .equals("Bearer " + OauthSite.FIRST_ACCESS);
              if (stream && path.equals("/sse")) {
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                exchange.sendResponseHeaders(200, 0);
                exchange
                    .getResponseBody()
                    .write("event: endpoint\ndata: /m\n\n".getBytes(StandardCharsets.UTF_8));
              } else {
                exchange.sendResponseHeaders(stream && path.equals("/sse401") ? 401 : 405, -1);
              }
            });

    JsonNode validation = validate(oauth(site.url(path), false));

    assertEquals(verdict, validation.path("status").asText());
    assertEquals(
        verdict.equals("valid") ? 0 : path.equals("/sse401") ? 401 : 405,
        validation.at("/mcp_probe/http_response/status_code").asInt());
  }

  @Test
  void what_is_not_an_oauth_credential_in_use_is_refused() {
    Vault vault = stage.vault();
    Credential bearer =
        stage.credential(
            vault,
            "{'type':'static_bearer','mcp_server_url':'https://a.example','token':'canary'}");
    Credential archived = oauth(false);
    stage.credentials().archive(archived.vaultId(), archived.id(), TokenStage.START);

    assertEquals(
        "400 Credential "
            + bearer.id()
            + " is of the type static_bearer, but only mcp_oauth credentials can be validated.",
        refusal(bearer.vaultId(), bearer.id()));
    assertEquals(
        "400 Credential " + archived.id() + " is archived and has no token to validate.",
        refusal(archived.vaultId(), archived.id()));
    assertEquals(
        "404 There is no credential vcrd_1 in vault " + vault.id() + ".",
        refusal(vault.id(), "vcrd_1"));
    assertTrue(refusal("vlt_1", bearer.id()).startsWith("404 "));
  }

  private String refusal(String vaultId, String id) {
    ApiException refused =
        assertThrows(ApiException.class, () -> instance.validations().validate(vaultId, id));
    return refused.error().status() + " " + refused.error().message();
  }

  @Test
  void not_more_than_the_limit_are_tried_at_once() throws Exception {
    CountDownLatch asked = new CountDownLatch(Validations.AT_ONCE_MAX);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    site.site()
        .page(
            "/slow",
            exchange -> {
              asked.countDown();
              try {
                mayAnswer.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              exchange.sendResponseHeaders(503, -1);
            });
    Credential credential = oauth(site.url("/slow"), false);
    List<Future<JsonNode>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < Validations.AT_ONCE_MAX; i++) {
        running.add(threads.submit(() -> validate(credential)));
      }
      asked.await();
      String refused = refusal(credential.vaultId(), credential.id());
      mayAnswer.countDown();

      assertEquals("429 More than 4 credentials are being validated.", refused);
      for (Future<JsonNode> validation : running) {
        assertEquals("unknown", validation.get().path("status").asText());
      }
    }
  }
}
