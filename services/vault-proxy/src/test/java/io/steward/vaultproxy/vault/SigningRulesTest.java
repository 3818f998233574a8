package io.steward.vaultproxy.vault;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Credentials whose secret signs: `x_aws_sigv4` and `x_hmac`.
class SigningRulesTest {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05Z");
  private static final Instant LATER = MADE.plusSeconds(60);
  private static final String NETWORKING =
      "'networking':{'type':'limited','allowed_hosts':['*.amazonaws.com']}";
  private static final String AWS =
      "{'type':'x_aws_sigv4','access_key_id':'AKIDEXAMPLE','secret_access_key':'canary-5e1f',"
          + "'session_token':'canary-5e1f-t',"
          + NETWORKING
          + "}";
  private static final String HMAC =
      "{'type':'x_hmac','secret_name':'HOOK_KEY','secret_value':'canary-5e1f',"
          + "'header':'X-Signature','algorithm':'sha256',"
          + NETWORKING
          + "}";
  private static final String VARIABLE =
      "{'type':'environment_variable','secret_name':'<name>','secret_value':'canary-5e1f',"
          + NETWORKING
          + "}";

  private static JsonNode json(String text) {
    return Json.tree(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static CredentialChange made(String auth) {
    return CredentialRules.create(json("{'auth':" + auth + "}"), "vcrd_1", "vlt_1", MADE);
  }

  private static CredentialChange updated(String auth, String patch) {
    return CredentialRules.update(made(auth).credential(), json("{'auth':" + patch + "}"), LATER);
  }

  private static JsonNode auth(CredentialChange change) {
    return Json.tree(change.credential()).path("auth");
  }

  @Test
  void a_key_of_aws_shows_all_but_its_secrets() {
    CredentialChange change = made(AWS);
    assertEquals(
        json(
            "{'type':'x_aws_sigv4','access_key_id':'AKIDEXAMPLE',"
                + "'access_key_id_name':'AWS_ACCESS_KEY_ID',"
                + "'secret_access_key_name':'AWS_SECRET_ACCESS_KEY',"
                + "'session_token_name':'AWS_SESSION_TOKEN',"
                + NETWORKING
                + ",'regions':[],'services':[]}"),
        auth(change));
    assertEquals(
        Map.of(
            SecretField.SECRET_ACCESS_KEY, new SecretValue("canary-5e1f"),
            SecretField.SESSION_TOKEN, new SecretValue("canary-5e1f-t")),
        change.secrets());
    assertEquals(
        List.of("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"),
        change.credential().auth().variables());
    assertEquals(
        change.credential().auth(),
        Json.read(Json.bytes(change.credential().auth()), CredentialAuth.class));
  }

  @Test
  void a_key_of_hmac_shows_all_but_its_secret() {
    CredentialChange change = made(HMAC);
    assertEquals(
        json(
            "{'type':'x_hmac','secret_name':'HOOK_KEY',"
                + NETWORKING
                + ",'header':'X-Signature','algorithm':'sha256','encoding':'hex','prefix':'',"
                + "'signed_headers':[],'separator':'.'}"),
        auth(change));
    assertEquals(
        Map.of(SecretField.SECRET_VALUE, new SecretValue("canary-5e1f")), change.secrets());
    assertEquals(List.of("HOOK_KEY"), change.credential().auth().variables());
    assertEquals(
        change.credential().auth(),
        Json.read(Json.bytes(change.credential().auth()), CredentialAuth.class));
  }

  @Test
  void a_key_of_aws_is_rotated_with_its_id() {
    CredentialChange change =
        updated(
            AWS,
            "{'type':'x_aws_sigv4','access_key_id':'AKIDNEW','secret_access_key':'new',"
                + "'session_token':'new-t','regions':['eu-central-1'],'networking':null}");
    assertEquals("AKIDNEW", auth(change).path("access_key_id").textValue());
    assertEquals(json("['eu-central-1']"), auth(change).path("regions"));
    assertEquals(
        Map.of(
            SecretField.SECRET_ACCESS_KEY, new SecretValue("new"),
            SecretField.SESSION_TOKEN, new SecretValue("new-t")),
        change.secrets());
    assertSame(
        MADE,
        updated(AWS, "{'type':'x_aws_sigv4','services':null}").credential().updatedAt(),
        "nothing changes");
  }

  @Test
  void a_key_of_hmac_is_rotated_and_used_in_another_way() {
    CredentialChange change =
        updated(
            HMAC,
            "{'type':'x_hmac','secret_value':'new','header':'webhook-signature',"
                + "'algorithm':'sha512','encoding':'base64','prefix':'v1,',"
                + "'signed_headers':['webhook-id','webhook-timestamp'],'separator':':'}");
    assertEquals(
        json(
            "{'type':'x_hmac','secret_name':'HOOK_KEY',"
                + NETWORKING
                + ",'header':'webhook-signature','algorithm':'sha512','encoding':'base64',"
                + "'prefix':'v1,','signed_headers':['webhook-id','webhook-timestamp'],"
                + "'separator':':'}"),
        auth(change));
    assertEquals(Map.of(SecretField.SECRET_VALUE, new SecretValue("new")), change.secrets());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'access_key_id':'AKIDEXAMPLE' | 'access_key_id':'AKID/X' | access_key_id",
        "'access_key_id':'AKIDEXAMPLE', | '' | access_key_id",
        "'secret_access_key':'canary-5e1f', | '' | secret_access_key",
        "'session_token':'canary-5e1f-t' | 'session_token':'canary-5e1f t' | session_token",
        "'session_token':'canary-5e1f-t' | 'session_token_name':'T' | no session_token",
        "'access_key_id':'A | 'access_key_id_name':'1A','access_key_id':'A | access_key_id_name",
        "'access_key_id':'A | 'access_key_id_name':'AWS_SESSION_TOKEN','access_key_id':'A |"
            + " different names",
        "'access_key_id':'A | 'regions':['eu central'],'access_key_id':'A | regions.0",
        "'access_key_id':'A | 'services':'s3','access_key_id':'A | services",
        "'*.amazonaws.com' | 'https://a.example' | allowed_hosts.0"
      })
  void what_a_key_of_aws_must_have(String part, String instead, String said) {
    assertRefused(AWS.replace(part, instead == null || instead.equals("''") ? "" : instead), said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'secret_name':'HOOK_KEY', | '' | secret_name",
        "'secret_value':'canary-5e1f', | '' | secret_value",
        "'header':'X-Signature', | '' | header",
        "'X-Signature' | 'X Signature' | header",
        "'X-Signature' | 'Content-Length' | must be a header that proxies leave",
        "'X-Signature' | 'Proxy-Authorization' | must be a header that proxies leave",
        "'sha256' | 'md5' | algorithm",
        "'algorithm' | 'encoding':'base32','algorithm' | encoding",
        "'algorithm' | 'prefix':'a b','algorithm' | prefix",
        "'algorithm' | 'signed_headers':['host'],'algorithm' | signed_headers.0",
        "'algorithm' | 'signed_headers':['a','b','c','d','e'],'algorithm' | 5 entries",
        "'algorithm' | 'separator':'.....','algorithm' | separator"
      })
  void what_a_key_of_hmac_must_have(String part, String instead, String said) {
    assertRefused(HMAC.replace(part, instead == null || instead.equals("''") ? "" : instead), said);
  }

  private static void assertRefused(String auth, String said) {
    assertAbout(said, assertThrows(ApiException.class, () -> made(auth)));
  }

  private static void assertAbout(String said, ApiException refused) {
    String message = refused.error().message();
    assertEquals(400, refused.error().status());
    assertTrue(message.contains(said), message);
    assertFalse(message.contains("canary"), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "aws | 'access_key_id_name':'X' | cannot be changed",
        "aws | 'secret_access_key_name':'X' | cannot be changed",
        "aws | 'session_token_name':'X' | cannot be changed",
        "hmac | 'secret_name':'X' | cannot be changed"
      })
  void names_of_variables_are_settled(String which, String patch, String said) {
    String auth = which.equals("aws") ? AWS : HMAC;
    String type = which.equals("aws") ? "x_aws_sigv4" : "x_hmac";
    assertAbout(
        said,
        assertThrows(
            ApiException.class, () -> updated(auth, "{'type':'" + type + "'," + patch + "}")));
  }

  @Test
  void a_session_token_cannot_come_later() {
    assertAbout(
        "created without it",
        assertThrows(
            ApiException.class,
            () ->
                updated(
                    AWS.replace("'session_token':'canary-5e1f-t',", ""),
                    "{'type':'x_aws_sigv4','session_token':'canary-5e1f'}")));
  }

  @ParameterizedTest
  @CsvSource({
    "AWS_SECRET_ACCESS_KEY, secret_access_key_name",
    "AWS_ACCESS_KEY_ID, access_key_id_name",
    "AWS_SESSION_TOKEN, session_token_name"
  })
  void each_variable_of_a_vault_has_one_credential(String name, String field) {
    Credential aws = made(AWS).credential();
    Credential variable = made(VARIABLE.replace("<name>", name)).credential();
    ApiException first =
        assertThrows(
            ApiException.class, () -> CredentialRules.requireFree(variable, List.of(aws.auth())));
    assertTrue(first.error().message().startsWith("`auth.secret_name` is \"" + name + "\""));
    ApiException second =
        assertThrows(
            ApiException.class, () -> CredentialRules.requireFree(aws, List.of(variable.auth())));
    assertEquals(409, second.error().status());
    assertTrue(second.error().message().startsWith("`auth." + field + "` is \"" + name + "\""));
    Credential other = made(VARIABLE.replace("<name>", "OTHER")).credential();
    assertDoesNotThrow(() -> CredentialRules.requireFree(aws, List.of(other.auth())));
  }
}
