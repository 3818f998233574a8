package io.steward.vaultproxy.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Injection.Algorithm;
import io.steward.vaultproxy.inject.Injection.Encoding;
import io.steward.vaultproxy.inject.Injection.Replace;
import io.steward.vaultproxy.inject.Injection.SignAws;
import io.steward.vaultproxy.inject.Injection.SignHmac;
import io.steward.vaultproxy.inject.Placeholder;
import io.steward.vaultproxy.vault.CredentialChange;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.OpenCredential;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CredentialInjectionsTest {
  private static final SessionId SESSION = SessionId.random(1);
  private static final String LIMITED =
      "'networking':{'type':'limited','allowed_hosts':['*.example.com']}}";

  private static Placeholder placeholder(String name) {
    return new Placeholder(text(name));
  }

  private static OpenCredential open(String auth) {
    CredentialChange made =
        CredentialRules.create(
            Json.tree(("{'auth':" + auth + "}").replace('\'', '"').getBytes(UTF_8)),
            "vcrd_1",
            "vlt_1",
            Instant.EPOCH);
    return new OpenCredential(made.credential(), made.secrets());
  }

  private static Injection injection(String auth) {
    return CredentialInjections.of(open(auth), CredentialInjectionsTest::placeholder).orElseThrow();
  }

  private static String text(String name) {
    return Placeholders.of("salt", SESSION, name);
  }

  @Test
  void a_variable_replaces_its_placeholder_on_the_hosts_of_the_credential() throws Exception {
    Injection injection =
        injection("{'type':'environment_variable','secret_name':'A','secret_value':'v'," + LIMITED);
    Replace form = assertInstanceOf(Replace.class, injection.form());
    assertEquals(text("A"), form.placeholder().text());
    assertArrayEquals("v".getBytes(UTF_8), form.secret());
    assertTrue(form.header() && form.body());
    assertEquals("vlt_1", injection.vaultId());
    assertTrue(injection.covers(HostName.parse("a.example.com")));
    assertFalse(injection.covers(HostName.parse("example.com")));
  }

  @Test
  void a_key_of_aws_signs_with_three_placeholders() {
    SignAws form =
        assertInstanceOf(
            SignAws.class,
            injection(
                    "{'type':'x_aws_sigv4','access_key_id':'AKID','secret_access_key':'k',"
                        + "'session_token':'t','regions':['eu-central-1'],'services':['s3'],"
                        + LIMITED)
                .form());
    assertEquals(text("AWS_ACCESS_KEY_ID"), form.id().text());
    assertEquals(text("AWS_SECRET_ACCESS_KEY"), form.key().text());
    assertNotNull(form.sessionToken());
    assertEquals(text("AWS_SESSION_TOKEN"), form.sessionToken().placeholder().text());
    assertEquals("t", form.sessionToken().text());
    assertArrayEquals("k".getBytes(UTF_8), form.secretAccessKey());
    assertEquals(List.of("eu-central-1"), form.regions());
    assertEquals(List.of("s3"), form.services());
  }

  @Test
  void a_key_of_hmac_signs_as_the_credential_says() {
    SignHmac form =
        assertInstanceOf(
            SignHmac.class,
            injection(
                    "{'type':'x_hmac','secret_name':'H','secret_value':'k','header':'X-Sig',"
                        + "'algorithm':'sha512','encoding':'base64','prefix':'v1,',"
                        + "'signed_headers':['X-Time'],'separator':':',"
                        + LIMITED)
                .form());
    assertEquals(text("H"), form.placeholder().text());
    assertEquals(Algorithm.SHA512, form.algorithm());
    assertEquals(Encoding.BASE64, form.encoding());
    assertEquals(
        "X-Sig v1, [X-Time] :",
        form.header() + " " + form.prefix() + " " + form.signedHeaders() + " " + form.separator());
  }

  @Test
  void others_and_those_without_secrets_mean_nothing() {
    OpenCredential hmac =
        open(
            "{'type':'x_hmac','secret_name':'H','secret_value':'k','header':'X-Sig',"
                + "'algorithm':'sha256',"
                + LIMITED);
    OpenCredential bearer =
        open("{'type':'static_bearer','mcp_server_url':'https://a.example','token':'t'}");
    for (OpenCredential none : List.of(bearer, new OpenCredential(hmac.credential(), Map.of()))) {
      assertEquals(
          Optional.empty(), CredentialInjections.of(none, CredentialInjectionsTest::placeholder));
    }
  }
}
