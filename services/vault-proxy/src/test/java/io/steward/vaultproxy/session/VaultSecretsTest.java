package io.steward.vaultproxy.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Injection.Replace;
import io.steward.vaultproxy.inject.Injection.SignAws;
import io.steward.vaultproxy.inject.Injection.SignHmac;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.stage.TokenStage;
import io.steward.vaultproxy.store.PostgresVariables;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What the vaults in a real PostgreSQL give to the proxy.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VaultSecretsTest {
  private static final SessionId SESSION = SessionId.random(1);

  private final Path directory;
  private final TokenStage stage;
  private final VaultSecrets secrets;

  VaultSecretsTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    stage = new TokenStage(directory);
    secrets = secrets(1);
  }

  private VaultSecrets secrets(int kek) throws IOException {
    DataKeys keys = new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, kek)));
    return new VaultSecrets(
        new PostgresVariables(new Transactions(stage.database().source()), keys), () -> true);
  }

  @AfterAll
  void stop() throws IOException {
    stage.close();
  }

  private Credential variable(Vault vault, String name, String secret, String more) {
    return stage.credential(
        vault,
        "{'type':'environment_variable','secret_name':'"
            + name
            + "','secret_value':'"
            + secret
            + "',"
            + more
            + "}");
  }

  private Credential variable(Vault vault, String name, String secret) {
    return variable(vault, name, secret, "'networking':{'type':'unrestricted'}");
  }

  private static SandboxIdentity sandbox(Vault... vaults) {
    return new SandboxIdentity(
        "sbx_1",
        SESSION,
        "wrkspc_default",
        new Unrestricted(),
        Set.of(),
        List.of(vaults).stream().map(Vault::id).toList(),
        List.of());
  }

  private static Replace replace(Injection injection) {
    return assertInstanceOf(Replace.class, injection.form());
  }

  private List<String> secretsOf(Vault... vaults) {
    return secrets.of(sandbox(vaults)).stream()
        .map(injection -> new String(replace(injection).secret(), UTF_8))
        .toList();
  }

  @Test
  void a_variable_is_an_injection_with_the_placeholder_that_others_compute() throws Exception {
    Vault vault = stage.vault();
    Credential credential =
        variable(
            vault,
            "API_KEY",
            "canary-1",
            "'networking':{'type':'limited','allowed_hosts':['api.example','*.wild.example']},"
                + "'injection_location':{'header':true,'body':false}");
    String salt =
        stage
            .database()
            .ask("SELECT placeholder_salt FROM vault_proxy.vaults WHERE id = '" + vault.id() + "'");

    List<Injection> injections = secrets.of(sandbox(vault));

    assertEquals(1, injections.size());
    Injection injection = injections.getFirst();
    assertEquals(vault.id(), injection.vaultId());
    assertEquals(credential.id(), injection.credentialId());
    assertEquals(
        Placeholders.of(salt, SESSION, "API_KEY"), replace(injection).placeholder().text());
    assertEquals("canary-1", new String(replace(injection).secret(), UTF_8));
    assertTrue(injection.covers(HostName.parse("api.example")));
    assertTrue(injection.covers(HostName.parse("a.wild.example")));
    assertFalse(injection.covers(HostName.parse("other.example")));
    assertTrue(replace(injection).header());
    assertFalse(replace(injection).body());
  }

  @Test
  void credentials_that_sign_have_their_keys_and_a_placeholder_for_each_variable()
      throws Exception {
    Vault vault = stage.vault();
    stage.credential(
        vault,
        "{'type':'x_aws_sigv4','access_key_id':'AKIDEXAMPLE0123456','secret_access_key':'canary-a',"
            + "'session_token':'canary-t','networking':{'type':'unrestricted'}}");
    stage.credential(
        vault,
        "{'type':'x_hmac','secret_name':'HOOK_KEY','secret_value':'canary-h','header':'x-signature',"
            + "'algorithm':'sha256','encoding':'hex','networking':{'type':'unrestricted'}}");
    String salt =
        stage
            .database()
            .ask("SELECT placeholder_salt FROM vault_proxy.vaults WHERE id = '" + vault.id() + "'");

    List<Injection> injections = secrets.of(sandbox(vault));

    assertEquals(2, injections.size());
    for (Injection injection : injections) {
      switch (injection.form()) {
        case SignAws aws -> {
          assertEquals("AKIDEXAMPLE0123456", aws.accessKeyId());
          assertEquals("canary-a", new String(aws.secretAccessKey(), UTF_8));
          assertEquals("canary-t", Objects.requireNonNull(aws.sessionToken()).text());
          assertEquals(Placeholders.of(salt, SESSION, "AWS_ACCESS_KEY_ID"), aws.id().text());
          assertEquals(Placeholders.of(salt, SESSION, "AWS_SECRET_ACCESS_KEY"), aws.key().text());
        }
        case SignHmac hmac -> {
          assertEquals("canary-h", new String(hmac.key(), UTF_8));
          assertEquals(Placeholders.of(salt, SESSION, "HOOK_KEY"), hmac.placeholder().text());
        }
        default -> throw new AssertionError(injection);
      }
    }
  }

  @Test
  void of_two_with_the_same_name_the_one_in_the_first_vault_counts() {
    Vault first = stage.vault();
    Vault second = stage.vault();
    variable(second, "KEY", "of-the-second");
    variable(second, "ONLY", "only-there");
    variable(first, "KEY", "of-the-first");

    assertEquals(List.of("of-the-first", "only-there"), secretsOf(first, second));
    assertEquals(Set.of("of-the-second", "only-there"), Set.copyOf(secretsOf(second, first)));
    assertEquals(List.of(), secretsOf());
  }

  @Test
  void a_rotated_archived_or_deleted_one_counts_at_once() {
    Vault vault = stage.vault();
    Credential rotated = variable(vault, "A", "before");
    Credential archived = variable(vault, "B", "archived");
    Credential deleted = variable(vault, "C", "deleted");
    assertEquals(3, secretsOf(vault).size());

    stage.update(rotated, "{'auth':{'type':'environment_variable','secret_value':'after'}}");
    stage.credentials().archive(vault.id(), archived.id(), TokenStage.START);
    stage.credentials().delete(vault.id(), deleted.id());

    assertEquals(List.of("after"), secretsOf(vault));
    stage.vaults().archive(vault.id(), TokenStage.START);
    assertEquals(List.of(), secretsOf(vault));
  }

  @Test
  void tokens_of_servers_and_other_workspaces_are_left_alone() {
    Vault vault = stage.vault();
    stage.credential(
        vault, "{'type':'static_bearer','mcp_server_url':'https://a.example','token':'t'}");
    variable(vault, "KEY", "canary-2");

    assertEquals(List.of("canary-2"), secretsOf(vault));
    assertEquals(
        List.of(),
        secrets.of(
            new SandboxIdentity(
                "sbx_1",
                SESSION,
                "wrkspc_other",
                new Unrestricted(),
                Set.of(),
                List.of(vault.id()),
                List.of())));
  }

  @Test
  void with_another_key_nothing_is_given() throws IOException {
    Vault vault = stage.vault();
    variable(vault, "KEY", "canary-3");

    ApiException refused = assertThrows(ApiException.class, () -> secrets(2).of(sandbox(vault)));

    assertEquals(503, refused.error().status());
  }
}
