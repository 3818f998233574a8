package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.json.Json;
import io.steward.vaultproxy.stage.OauthSite;
import io.steward.vaultproxy.stage.TokenStage;
import io.steward.vaultproxy.stage.TokenStage.Instance;
import io.steward.vaultproxy.vault.AccessToken;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens of credentials in a real database, refreshed at a real endpoint.
class CredentialTokensTest extends TokenCase {
  CredentialTokensTest(@TempDir Path directory) throws IOException {
    super(directory);
  }

  @Test
  void the_token_is_of_the_first_vault_that_has_one_for_the_server() {
    Vault first = stage.vault();
    Vault second = stage.vault();
    Vault third = stage.vault();
    bearer(first, "https://other.example/mcp", "other");
    Credential expected = bearer(second, "HTTPS://A.example:443/mcp/", "second");
    bearer(third, "https://a.example/mcp", "third");
    List<String> ids = List.of("vlt_01gone", first.id(), second.id(), third.id());

    Optional<AccessToken> found = instance.tokens().find(ids, "https://a.EXAMPLE/mcp");

    assertEquals(
        Optional.of(new AccessToken(second.id(), expected.id(), new SecretValue("second"), false)),
        found);
    assertEquals("third", text(instance.tokens().find(ids.reversed(), "https://a.example/mcp")));
    assertEquals("none", text(instance.tokens().find(ids, "https://a.example/mcp/x")));
    assertEquals("none", text(instance.tokens().find(List.of(), "https://a.example/mcp")));
  }

  @Test
  void what_is_archived_or_deleted_does_not_count() {
    Vault archived = stage.vault();
    Vault deleted = stage.vault();
    Vault third = stage.vault();
    Vault last = stage.vault();
    Credential gone = bearer(third, "https://a.example", "third");
    for (Vault vault : List.of(archived, deleted, last)) {
      bearer(vault, "https://a.example", "of" + vault.id());
    }
    stage.vaults().archive(archived.id(), TokenStage.START);
    stage.vaults().delete(deleted.id());
    stage.credentials().archive(third.id(), gone.id(), TokenStage.START);

    List<String> ids = List.of(archived.id(), deleted.id(), third.id(), last.id());

    assertEquals("of" + last.id(), text(instance.tokens().find(ids, "https://a.example/")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.example", "ftp://a.example", "https://u:p@a.example", "http://"})
  void a_url_no_credential_can_be_for_has_no_token(String url) {
    assertEquals(Optional.empty(), instance.tokens().find(List.of(stage.vault().id()), url));
  }

  @Test
  void a_variable_is_no_token() {
    Vault vault = stage.vault();
    stage.credential(
        vault,
        "{'type':'environment_variable','secret_name':'A','secret_value':'v',"
            + "'networking':{'type':'unrestricted'}}");

    assertEquals("none", text(instance.tokens().find(List.of(vault.id()), "https://a.example")));
  }

  @Test
  void a_token_is_replaced_within_the_margin_before_its_end_and_not_earlier() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    stage.set(END.minus(CredentialTokens.EXPIRY_MARGIN).minusMillis(1));
    assertEquals(OauthSite.FIRST_ACCESS, text(find(vault)));
    assertEquals(0, site.visits("/token"));

    stage.set(END.minus(CredentialTokens.EXPIRY_MARGIN));
    Optional<AccessToken> fresh = find(vault);

    assertEquals("canary-access-1", text(fresh));
    assertEquals(true, fresh.orElseThrow().refreshable());
    assertEquals(Optional.of("canary-access-1"), secret(credential, SecretField.ACCESS_TOKEN));
    assertEquals(Optional.of("canary-refresh-1"), secret(credential, SecretField.REFRESH_TOKEN));
    assertEquals(stage.clock().instant().plusSeconds(3600), auth(credential).expiresAt());
    assertEquals(
        stage.clock().instant(), stage.credentials().find(vault.id(), credential.id()).updatedAt());
    assertEquals("canary-access-1", text(find(vault)));
    assertEquals(1, site.visits("/token"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "client_secret_basic", "client_secret_post"})
  void a_client_proves_itself_as_the_credential_says(String type) {
    Vault vault = stage.vault();
    oauth(vault, type, "'scope':'read write','resource':'https://a.example/mcp',");
    site.require(type);
    stage.set(END);

    assertEquals("canary-access-1", text(find(vault)));

    Map<String, String> form = site.granted().getFirst();
    assertEquals("read write", form.get("scope"));
    assertEquals("https://a.example/mcp", form.get("resource"));
    assertEquals(OauthSite.FIRST_REFRESH, form.get("refresh_token"));
  }

  @Test
  void what_is_not_set_is_not_sent() {
    Vault vault = stage.vault();
    oauth(vault);
    stage.set(END);

    var _ = find(vault);

    assertEquals(
        List.of("client_id", "grant_type", "refresh_token"),
        List.copyOf(site.granted().getFirst().keySet()));
  }

  @Test
  void a_refused_token_is_replaced_once_and_by_the_rotated_refresh_token_again() {
    Vault vault = stage.vault();
    oauth(vault);
    AccessToken first = find(vault).orElseThrow();

    AccessToken second = instance.tokens().afterRefusal(first).orElseThrow();
    Optional<AccessToken> again = instance.tokens().afterRefusal(first);
    Optional<AccessToken> atOnce = instance.tokens().afterRefusal(second);
    stage.set(TokenStage.START.plus(Refreshes.PAUSE_AFTER_SUCCESS));
    Optional<AccessToken> third = instance.tokens().afterRefusal(second);

    assertEquals("canary-access-1", second.token().text());
    assertEquals(Optional.of(second), again);
    assertEquals(Optional.empty(), atOnce);
    assertEquals("canary-access-2", text(third));
    assertEquals(2, site.visits("/token"));
  }

  @Test
  void a_refresh_token_that_is_not_replaced_stays() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    site.keepRefreshToken();
    stage.set(END);

    var _ = find(vault);

    assertEquals(
        Optional.of(OauthSite.FIRST_REFRESH), secret(credential, SecretField.REFRESH_TOKEN));
  }

  @ParameterizedTest
  @CsvSource({
    "60, 60",
    "\"60\", 60",
    "60.9, 60",
    "0, ",
    "-1, ",
    "\"soon\", ",
    "{}, ",
    "999999999999999, 315360000",
    "9999999999999999999, ",
  })
  void the_end_of_a_token_is_what_its_endpoint_says(String said, @Nullable Long seconds) {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    site.expiresIn(Json.tree(said.getBytes(StandardCharsets.UTF_8)));
    stage.set(END);

    var _ = find(vault);

    assertEquals(seconds == null ? null : END.plusSeconds(seconds), auth(credential).expiresAt());
  }

  @Test
  void a_token_nobody_knows_the_end_of_is_not_replaced_before_it_is_refused() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    site.expiresIn(null);
    stage.set(END);

    var _ = find(vault);
    stage.set(END.plus(Duration.ofDays(99)));
    var _ = find(vault);

    assertEquals(null, auth(credential).expiresAt());
    assertEquals(1, site.visits("/token"));
  }

  @Test
  void of_many_at_once_in_two_instances_one_asks() throws Exception {
    Vault vault = stage.vault();
    oauth(vault);
    stage.set(END);
    List<Callable<String>> finds = new ArrayList<>();
    try (Instance other = stage.instance();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 10; i++) {
        Instance by = i % 2 == 0 ? instance : other;
        finds.add(() -> text(find(by, vault)));
      }
      for (Future<String> found : threads.invokeAll(finds)) {
        assertEquals("canary-access-1", found.get());
      }
    }
    assertEquals(1, site.visits("/token"));
  }

  @Test
  void an_endpoint_that_refuses_is_left_alone_for_a_while_and_the_token_stays() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    stage.update(
        credential, "{'auth':{'type':'mcp_oauth','refresh':{'refresh_token':'canary-used'}}}");
    stage.set(END);

    for (int i = 0; i < 3; i++) {
      assertEquals(OauthSite.FIRST_ACCESS, text(find(vault)));
      assertEquals(Optional.empty(), instance.tokens().afterRefusal(find(vault).orElseThrow()));
    }
    assertEquals(1, site.visits("/token"));

    stage.set(END.plus(Refreshes.PAUSE_AFTER_FAILURE));
    var _ = find(vault);
    assertEquals(2, site.visits("/token"));
  }

  @Test
  void a_new_token_ends_the_pause() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    site.require("none");
    stage.set(END);
    var _ = find(vault);
    site.require("client_secret_basic");

    stage.update(credential, "{'auth':{'type':'mcp_oauth','access_token':'canary-by-hand'}}");

    assertEquals("canary-access-1", text(find(vault)));
  }

  @Test
  void a_static_token_that_is_refused_is_all_there_is_until_it_is_rotated() {
    Vault vault = stage.vault();
    Credential credential = bearer(vault, site.url("/mcp"), "old");
    AccessToken old = find(vault).orElseThrow();

    assertEquals(Optional.empty(), instance.tokens().afterRefusal(old));
    stage.update(credential, "{'auth':{'type':'static_bearer','token':'new'}}");
    assertEquals("new", text(instance.tokens().afterRefusal(old)));
    stage.credentials().archive(vault.id(), credential.id(), TokenStage.START);
    assertEquals(Optional.empty(), instance.tokens().afterRefusal(old));
  }

  /// Holds the answer of the endpoint back until `mayAnswer`.
}
