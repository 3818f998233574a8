package io.steward.vaultproxy.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialRulesTest {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05Z");
  private static final Instant LATER = MADE.plusSeconds(60);
  private static final String CANARY = "canary-5e1f";
  private static final Pattern LONG = Pattern.compile("<(\\d+)>");

  private static final String BEARER =
      "{'type':'static_bearer','mcp_server_url':'https://a.example/mcp','token':'canary-5e1f'}";
  private static final String OAUTH =
      "{'type':'mcp_oauth','mcp_server_url':'https://a.example/mcp','access_token':'canary-5e1f',"
          + "'expires_at':'2026-02-01T00:00:00+01:00','refresh':{'client_id':'c','token_endpoint':"
          + "'https://a.example/token','refresh_token':'canary-5e1f-r','scope':'read','resource':"
          + "'https://a.example','token_endpoint_auth':{'type':'client_secret_basic',"
          + "'client_secret':'canary-5e1f-s'}}}";
  private static final String VARIABLE =
      "{'type':'environment_variable','secret_name':'API_KEY','secret_value':'canary-5e1f',"
          + "'networking':{'type':'limited','allowed_hosts':['API.example.com','*.example.com']}}";

  private static JsonNode json(String text) {
    String full =
        LONG.matcher(text).replaceAll(match -> "x".repeat(Integer.parseInt(match.group(1))));
    return Json.tree(full.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static CredentialChange made(String auth) {
    return CredentialRules.create(json("{'auth':" + auth + "}"), "vcrd_1", "vlt_1", MADE);
  }

  private static CredentialChange updated(String auth, String patch) {
    return CredentialRules.update(made(auth).credential(), json(patch), LATER);
  }

  private static JsonNode auth(CredentialChange change) {
    return Json.tree(change.credential()).path("auth");
  }

  @Test
  void a_static_bearer_keeps_its_url_and_hides_its_token() {
    CredentialChange change = made(BEARER);

    assertEquals(
        json(
            "{'id':'vcrd_1','type':'vault_credential','vault_id':'vlt_1','auth':"
                + "{'type':'static_bearer','mcp_server_url':'https://a.example/mcp'},"
                + "'display_name':null,'metadata':{},'created_at':'2026-01-02T03:04:05Z',"
                + "'updated_at':'2026-01-02T03:04:05Z','archived_at':null}"),
        Json.tree(change.credential()));
    assertEquals(Map.of(SecretField.TOKEN, new SecretValue(CANARY)), change.secrets());
  }

  @Test
  void an_oauth_credential_shows_all_but_its_three_secrets() {
    CredentialChange change = made(OAUTH);

    assertEquals(
        json(
            "{'type':'mcp_oauth','mcp_server_url':'https://a.example/mcp',"
                + "'expires_at':'2026-01-31T23:00:00Z','refresh':{'client_id':'c',"
                + "'token_endpoint':'https://a.example/token','scope':'read',"
                + "'resource':'https://a.example',"
                + "'token_endpoint_auth':{'type':'client_secret_basic'}}}"),
        auth(change));
    assertEquals(
        Map.of(
            SecretField.ACCESS_TOKEN, new SecretValue(CANARY),
            SecretField.REFRESH_TOKEN, new SecretValue(CANARY + "-r"),
            SecretField.CLIENT_SECRET, new SecretValue(CANARY + "-s")),
        change.secrets());
  }

  @Test
  void an_oauth_credential_may_have_neither_expiry_nor_refresh() {
    CredentialChange change =
        made(
            "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'t',"
                + "'expires_at':null,'refresh':null}");

    assertEquals(json("{'type':'mcp_oauth','mcp_server_url':'https://a.example'}"), auth(change));
  }

  @Test
  void a_variable_is_replaced_in_headers_and_bodies_unless_asked_otherwise() {
    assertEquals(
        json(
            "{'type':'environment_variable','secret_name':'API_KEY','networking':"
                + "{'type':'limited','allowed_hosts':['api.example.com','*.example.com']},"
                + "'injection_location':{'header':true,'body':true}}"),
        auth(made(VARIABLE)));
    assertEquals(
        json("{'header':true,'body':false}"),
        auth(made(VARIABLE.replaceFirst("'type'", "'injection_location':{'header':true},'type'")))
            .path("injection_location"));
  }

  @Test
  void only_the_members_of_an_injection_location_that_are_sent_change() {
    String type = "{'auth':{'type':'environment_variable','injection_location':";

    assertEquals(
        json("{'header':false,'body':true}"),
        auth(updated(VARIABLE, type + "{'header':false}}}")).path("injection_location"));
    assertSame(MADE, updated(VARIABLE, type + "{}}}").credential().updatedAt(), "nothing changes");
  }

  @Test
  void networking_is_replaced_as_a_whole_and_null_keeps_it() {
    String type = "{'auth':{'type':'environment_variable','networking':";

    assertEquals(
        json("{'type':'unrestricted'}"),
        auth(updated(VARIABLE, type + "{'type':'unrestricted'}}}")).path("networking"));
    assertEquals(
        json("{'type':'limited','allowed_hosts':[]}"),
        auth(updated(VARIABLE, type + "{'type':'limited','allowed_hosts':[]}}}"))
            .path("networking"));
    assertEquals(auth(made(VARIABLE)), auth(updated(VARIABLE, type + "null}}")));
  }

  @Test
  void a_secret_that_is_sent_replaces_the_old_one_and_no_other() {
    CredentialChange change =
        updated(OAUTH, "{'auth':{'type':'mcp_oauth','refresh':{'refresh_token':'new'}}}");

    assertEquals(Map.of(SecretField.REFRESH_TOKEN, new SecretValue("new")), change.secrets());
    assertEquals(auth(made(OAUTH)), auth(change));
    assertEquals(LATER, change.credential().updatedAt());
  }

  @Test
  void the_client_secret_changes_and_the_way_it_is_sent_does_not() {
    CredentialChange change =
        updated(
            OAUTH,
            "{'auth':{'type':'mcp_oauth','refresh':{'token_endpoint_auth':"
                + "{'type':'client_secret_post','client_secret':'new'}}}}");

    assertEquals(Map.of(SecretField.CLIENT_SECRET, new SecretValue("new")), change.secrets());
    assertEquals(
        "client_secret_basic", auth(change).at("/refresh/token_endpoint_auth/type").asText());
  }

  @Test
  void an_empty_scope_clears_it_and_null_keeps_it() {
    String refresh = "{'auth':{'type':'mcp_oauth','refresh':{'scope':";

    assertTrue(auth(updated(OAUTH, refresh + "''}}}")).at("/refresh/scope").isMissingNode());
    assertEquals("read", auth(updated(OAUTH, refresh + "null}}}")).at("/refresh/scope").asText());
  }

  @Test
  void a_new_token_keeps_the_expiry_unless_another_one_is_sent() {
    assertEquals(
        "2026-01-31T23:00:00Z",
        auth(updated(OAUTH, "{'auth':{'type':'mcp_oauth','access_token':'new'}}"))
            .path("expires_at")
            .asText());
    assertEquals(
        "2027-01-01T00:00:00Z",
        auth(updated(OAUTH, "{'auth':{'type':'mcp_oauth','expires_at':'2027-01-01T00:00:00Z'}}"))
            .path("expires_at")
            .asText());
  }

  @Test
  void an_update_without_a_change_gives_the_same_credential() {
    Credential credential = made(BEARER).credential();
    for (String patch :
        List.of(
            "{}",
            "{'auth':null,'display_name':null,'metadata':null}",
            "{'auth':{'type':'static_bearer','token':null}}")) {
      CredentialChange change = CredentialRules.update(credential, json(patch), LATER);

      assertSame(credential, change.credential(), patch);
      assertEquals(Map.of(), change.secrets(), patch);
    }
  }

  @Test
  void name_and_metadata_change_without_the_auth() {
    Credential changed =
        updated(BEARER, "{'display_name':'Work','metadata':{'a':'1'}}").credential();

    assertEquals("Work", changed.displayName());
    assertEquals(Map.of("a", "1"), changed.metadata());
    assertEquals(made(BEARER).credential().auth(), changed.auth());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "null | `auth` is null",
        "'canary-5e1f' | `auth` is a string",
        "{} | auth.type",
        "{'type':'password'} | auth.type",
        "{'type':'static_bearer','token':'canary-5e1f'} | auth.mcp_server_url",
        "{'type':'static_bearer','token':'canary-5e1f','mcp_server_url':'a.example'} | mcp_server_url",
        "{'type':'static_bearer','token':'canary-5e1f','mcp_server_url':'ftp://a.example'} | mcp_server_url",
        "{'type':'static_bearer','token':'t','mcp_server_url':'https://me:canary-5e1f@a.example'} | without user and password",
        "{'type':'static_bearer','token':'canary-5e1f','mcp_server_url':'https://a.example/ü'} | ASCII",
        "{'type':'static_bearer','token':'canary-5e1f','mcp_server_url':'https://a.example:99999'} | mcp_server_url",
        "{'type':'static_bearer','token':'canary-5e1f','mcp_server_url':'https://<2048>'} | 2,056 characters",
        "{'type':'static_bearer','mcp_server_url':'https://a.example'} | auth.token",
        "{'type':'static_bearer','mcp_server_url':'https://a.example','token':''} | auth.token",
        "{'type':'static_bearer','mcp_server_url':'https://a.example','token':['canary-5e1f']} | an array",
        "{'type':'static_bearer','mcp_server_url':'https://a.example','token':'canary-5e1f\\n'} | no header",
        "{'type':'static_bearer','mcp_server_url':'https://a.example','token':'<65537>'} | 65,537 characters",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example'} | access_token",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','expires_at':'soon'} | expires_at",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','expires_at':'+999999999-12-31T23:59:59-18:00'} | expires_at",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','expires_at':'+12026-01-01T00:00:00Z'} | expires_at",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','expires_at':'2026-01-02T03:04:05Z'} | future",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','expires_at':4102444800} | expires_at",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','refresh':'canary-5e1f'} | auth.refresh",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','refresh':{}} | client_id",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','refresh':{'client_id':'c','token_endpoint':'x'}} | token_endpoint",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','refresh':{'client_id':'c','token_endpoint':'https://a.example','refresh_token':'r'}} | token_endpoint_auth",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','refresh':{'client_id':'c','token_endpoint':'https://a.example','refresh_token':'r','token_endpoint_auth':{'type':'basic'}}} | token_endpoint_auth.type",
        "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'canary-5e1f','refresh':{'client_id':'c','token_endpoint':'https://a.example','refresh_token':'r','token_endpoint_auth':{'type':'client_secret_post'}}} | client_secret",
        "{'type':'environment_variable','secret_name':'1A','secret_value':'canary-5e1f','networking':{'type':'unrestricted'}} | secret_name",
        "{'type':'environment_variable','secret_name':'A B','secret_value':'canary-5e1f','networking':{'type':'unrestricted'}} | secret_name",
        "{'type':'environment_variable','secret_name':'A','networking':{'type':'unrestricted'}} | secret_value",
        "{'type':'environment_variable','secret_name':'A','secret_value':{'a':'canary-5e1f'},'networking':{'type':'unrestricted'}} | an object",
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-5e1f'} | networking",
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-5e1f','networking':{'type':'open'}} | networking.type",
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-5e1f','networking':{'type':'limited'}} | allowed_hosts",
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-5e1f','networking':{'type':'limited','allowed_hosts':['1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16','17']}} | 17 entries",
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-5e1f','networking':{'type':'unrestricted'},'injection_location':null} | injection_location",
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-5e1f','networking':{'type':'unrestricted'},'injection_location':{}} | both be false",
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-5e1f','networking':{'type':'unrestricted'},'injection_location':{'header':null}} | header",
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-5e1f','networking':{'type':'unrestricted'},'injection_location':{'body':'yes'}} | body",
      })
  void bad_input_is_refused_by_name_and_no_secret_is_quoted(String auth, String named) {
    assertRefused(assertThrows(ApiException.class, () -> made(auth)), named);
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.example",
    "a.example:443",
    "a.example/x",
    "[::1]",
    "::1",
    "*",
    "*.",
    "a..b",
    "1.2.3.256",
    "*.1.2.3.4",
    "1.2.3",
    "a b",
    "''"
  })
  void what_is_no_host_is_refused(String host) {
    String auth =
        VARIABLE.replace("'API.example.com','*.example.com'", "'a.example','" + host + "'");

    assertRefused(assertThrows(ApiException.class, () -> made(auth)), "allowed_hosts.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "bearer | {'type':'mcp_oauth'} | for good",
        "bearer | {'token':'canary-5e1f'} | auth.type",
        "bearer | {'type':'static_bearer','mcp_server_url':'https://b.example'} | cannot be changed",
        "bearer | {'type':'static_bearer','token':''} | auth.token",
        "bearer | 'canary-5e1f' | auth",
        "plain | {'type':'mcp_oauth','refresh':{'refresh_token':'canary-5e1f'}} | created without it",
        "public | {'type':'mcp_oauth','refresh':{'token_endpoint_auth':{'type':'client_secret_post','client_secret':'canary-5e1f'}}} | no client secret",
        "oauth | {'type':'mcp_oauth','mcp_server_url':'https://a.example/mcp'} | cannot be changed",
        "oauth | {'type':'mcp_oauth','expires_at':'2026-01-02T03:05:05Z'} | future",
        "oauth | {'type':'mcp_oauth','refresh':{'client_id':'d'}} | auth.refresh.client_id",
        "oauth | {'type':'mcp_oauth','refresh':{'token_endpoint':'https://b.example'}} | auth.refresh.token_endpoint",
        "oauth | {'type':'mcp_oauth','refresh':{'resource':'https://b.example'}} | auth.refresh.resource",
        "oauth | {'type':'mcp_oauth','refresh':{'token_endpoint_auth':{'type':'none'}}} | token_endpoint_auth.type",
        "oauth | {'type':'mcp_oauth','refresh':{'token_endpoint_auth':'canary-5e1f'}} | token_endpoint_auth",
        "variable | {'type':'environment_variable','secret_name':'OTHER'} | cannot be changed",
        "variable | {'type':'environment_variable','injection_location':{'header':false,'body':false}} | both be false",
        "variable | {'type':'environment_variable','injection_location':null} | injection_location",
        "variable | {'type':'environment_variable','networking':{'type':'limited','allowed_hosts':['x:1']}} | allowed_hosts.0",
      })
  void bad_updates_are_refused_by_name_and_no_secret_is_quoted(
      String stored, String patch, String named) {
    String auth =
        switch (stored) {
          case "bearer" -> BEARER;
          case "oauth" -> OAUTH;
          case "variable" -> VARIABLE;
          case "public" ->
              OAUTH.replace(
                  "{'type':'client_secret_basic','client_secret':'canary-5e1f-s'}",
                  "{'type':'none'}");
          default -> "{'type':'mcp_oauth','mcp_server_url':'https://a.example','access_token':'t'}";
        };

    assertRefused(
        assertThrows(ApiException.class, () -> updated(auth, "{'auth':" + patch + "}")), named);
  }

  @Test
  void an_archived_credential_refuses_updates() {
    Credential archived = made(BEARER).credential().archived(LATER);

    assertRefused(
        assertThrows(ApiException.class, () -> CredentialRules.update(archived, json("{}"), LATER)),
        "is archived");
  }

  @Test
  void names_of_credentials_may_be_empty_at_first_and_not_later() {
    assertEquals(
        "",
        CredentialRules.create(
                json("{'display_name':'','auth':" + BEARER + "}"), "vcrd_1", "vlt_1", MADE)
            .credential()
            .displayName());
    assertRefused(
        assertThrows(ApiException.class, () -> updated(BEARER, "{'display_name':''}")),
        "display_name");
  }

  @Test
  void both_mcp_types_share_their_servers_and_variables_do_not() {
    assertEquals(
        made(BEARER.replace("a.example/mcp", "A.example:443/mcp/")).credential().auth().purpose(),
        made(OAUTH).credential().auth().purpose());
    assertNotEquals(
        made(VARIABLE).credential().auth().purpose(),
        made(VARIABLE.replace("API_KEY", "api_key")).credential().auth().purpose());
  }

  @Test
  void secrets_are_never_printed() {
    for (String auth : List.of(BEARER, OAUTH, VARIABLE)) {
      assertFalse(made(auth).toString().contains(CANARY));
    }
  }

  private static void assertRefused(ApiException refused, String named) {
    String message = refused.error().message();
    assertEquals(400, refused.error().status());
    assertTrue(message.contains(named), message);
    assertFalse(message.contains(CANARY), message);
  }
}
