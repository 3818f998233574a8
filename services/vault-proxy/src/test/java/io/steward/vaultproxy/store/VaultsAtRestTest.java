package io.steward.vaultproxy.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialChange;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.ListPosition;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import io.steward.vaultproxy.vault.Vault;
import io.steward.vaultproxy.vault.VaultRules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/// Vaults, credentials and their secrets in a real PostgreSQL.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VaultsAtRestTest {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant LATER = MADE.plusSeconds(60);
  private static final String CANARY = "canary-7f3a";

  private final Path directory;
  private final Database database;
  private final PostgresVaults vaults;
  private final PostgresCredentials credentials;

  VaultsAtRestTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    database = Database.start();
    Transactions transactions = new Transactions(database.source());
    vaults = new PostgresVaults(transactions, keys(1));
    credentials = new PostgresCredentials(transactions, keys(1));
  }

  private DataKeys keys(int kek) throws IOException {
    return new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, kek)));
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
  }

  private Vault vault() {
    return vault(MADE);
  }

  private Vault vault(Instant at) {
    return vaults.create(new Vault(Ids.random("vlt_"), "Ada", Map.of("k", "v"), at, at, null));
  }

  private static CredentialChange bearer(Vault vault, String url) {
    return fresh(
        vault,
        "{'type':'static_bearer','mcp_server_url':'" + url + "','token':'" + CANARY + "'}",
        MADE);
  }

  private static CredentialChange fresh(Vault vault, String auth, Instant at) {
    return CredentialRules.create(
        Json.tree(("{'auth':" + auth + "}").replace('\'', '"').getBytes(StandardCharsets.UTF_8)),
        Ids.random("vcrd_"),
        vault.id(),
        at);
  }

  private static CredentialChange oauth(Vault vault) {
    return fresh(
        vault,
        "{'type':'mcp_oauth','mcp_server_url':'https://b.example','access_token':'canary-7f3a',"
            + "'expires_at':'2030-01-01T00:00:00.123456789Z','refresh':{'client_id':'c',"
            + "'token_endpoint':'https://b.example/t','refresh_token':'canary-7f3a-r',"
            + "'token_endpoint_auth':{'type':'client_secret_post','client_secret':'canary-7f3a-s'}}}",
        MADE);
  }

  private static CredentialChange variable(Vault vault) {
    return fresh(
        vault,
        "{'type':'environment_variable','secret_name':'A','secret_value':'canary-7f3a',"
            + "'networking':{'type':'limited','allowed_hosts':['a.example']}}",
        MADE);
  }

  private static CredentialChange aws(Vault vault) {
    return fresh(
        vault,
        "{'type':'x_aws_sigv4','access_key_id':'AKID','secret_access_key':'canary-7f3a',"
            + "'session_token':'canary-7f3a-t','networking':{'type':'unrestricted'}}",
        MADE);
  }

  private static CredentialChange hmac(Vault vault, String variable) {
    return fresh(
        vault,
        "{'type':'x_hmac','secret_name':'"
            + variable
            + "','secret_value':'canary-7f3a','header':'X-Sig','algorithm':'sha256',"
            + "'networking':{'type':'unrestricted'}}",
        MADE);
  }

  private Optional<SecretValue> secret(Credential credential, SecretField field) {
    return credentials.secret(credential.vaultId(), credential.id(), field);
  }

  @Test
  void what_is_kept_is_found_again() {
    Vault vault = vault();

    assertEquals(vault, vaults.find(vault.id()));
    for (CredentialChange fresh :
        List.of(
            bearer(vault, "https://a.example"),
            oauth(vault),
            variable(vault),
            aws(vault),
            hmac(vault, "H"))) {
      Credential credential = credentials.create(fresh);

      assertEquals(credential, credentials.find(vault.id(), credential.id()));
      fresh
          .secrets()
          .forEach((field, value) -> assertEquals(Optional.of(value), secret(credential, field)));
    }
  }

  @Test
  void no_secret_and_no_key_is_in_any_table_in_clear() throws Exception {
    Vault vault = vault();
    credentials.create(bearer(vault, "https://a.example"));
    credentials.create(oauth(vault));
    credentials.create(variable(vault));

    for (String table : List.of("vaults", "vault_credential", "vault_secret", "keyset")) {
      assertEquals(
          "0",
          database.ask(
              "SELECT count(*) FROM vault_proxy."
                  + table
                  + " AS t WHERE t::text LIKE '%canary%' OR t::text LIKE '%"
                  + hex(CANARY)
                  + "%'"),
          table);
    }
    assertTrue(
        Integer.parseInt(database.ask("SELECT count(*) FROM vault_proxy.vault_secret")) >= 5);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_ciphertext_moved_to_another_credential_or_field_cannot_be_read() throws Exception {
    Vault vault = vault();
    Credential one = credentials.create(oauth(vault));
    Credential two = credentials.create(bearer(vault, "https://c.example"));
    Credential foreign = credentials.create(bearer(vault(), "https://c.example"));
    String from =
        " SET ciphertext = (SELECT ciphertext FROM vault_proxy.vault_secret WHERE credential_id = '"
            + two.id()
            + "') WHERE credential_id = '";
    database.execute(
        "UPDATE vault_proxy.vault_secret" + from + one.id() + "' AND field = 'access_token'");
    database.execute("UPDATE vault_proxy.vault_secret" + from + foreign.id() + "'");

    assertThrows(IllegalStateException.class, () -> secret(one, SecretField.ACCESS_TOKEN));
    assertThrows(IllegalStateException.class, () -> secret(foreign, SecretField.TOKEN));
    assertEquals(Optional.of(new SecretValue(CANARY)), secret(two, SecretField.TOKEN));
  }

  @Test
  void a_data_key_opens_with_its_own_key_encryption_key_and_vault_only() throws Exception {
    DataKeys own = keys(1);
    byte[] kept =
        new Transactions(database.source()).call(connection -> own.fresh(connection, "vlt_1"));
    DataKeys others = keys(2);

    assertStatus(503, () -> others.open("vlt_1", kept));
    assertThrows(IllegalStateException.class, () -> own.open("vlt_2", kept));
  }

  @Test
  void an_update_changes_the_row_and_the_secrets_that_were_sent() {
    Vault vault = vault();
    Credential made = credentials.create(oauth(vault));

    Credential changed =
        credentials.change(
            vault.id(),
            made.id(),
            current ->
                CredentialRules.update(
                    current,
                    Json.tree(
                        "{\"display_name\":\"n\",\"auth\":{\"type\":\"mcp_oauth\",\"access_token\":\"new\"}}"
                            .getBytes(StandardCharsets.UTF_8)),
                    LATER));

    assertEquals(changed, credentials.find(vault.id(), made.id()));
    assertEquals(LATER, changed.updatedAt());
    assertEquals(Optional.of(new SecretValue("new")), secret(made, SecretField.ACCESS_TOKEN));
    assertEquals(
        Optional.of(new SecretValue(CANARY + "-r")), secret(made, SecretField.REFRESH_TOKEN));
  }

  @Test
  void archiving_a_vault_archives_its_credentials_and_destroys_secrets_and_key() throws Exception {
    Vault vault = vault();
    Credential first = credentials.create(bearer(vault, "https://a.example"));
    credentials.archive(vault.id(), first.id(), MADE.plusSeconds(1));
    Credential second = credentials.create(oauth(vault));

    Vault archived = vaults.archive(vault.id(), LATER);

    assertEquals(vault.archived(LATER), archived);
    assertEquals(archived, vaults.archive(vault.id(), LATER.plusSeconds(1)));
    assertEquals(archived, vaults.find(vault.id()));
    assertEquals(second.archived(LATER), credentials.find(vault.id(), second.id()));
    assertEquals(MADE.plusSeconds(1), credentials.find(vault.id(), first.id()).archivedAt());
    assertEquals("0", rest(second));
    assertEquals(
        "t",
        database.ask(
            "SELECT data_key IS NULL FROM vault_proxy.vaults WHERE id = '" + vault.id() + "'"));
    assertStatus(400, () -> credentials.create(variable(vault)));
    assertStatus(
        400,
        () ->
            vaults.change(
                vault.id(), current -> VaultRules.update(current, Json.tree(List.of()), LATER)));
  }

  private String rest(Credential credential) throws Exception {
    return database.ask(
        "SELECT count(*) FROM vault_proxy.vault_secret WHERE credential_id = '"
            + credential.id()
            + "'");
  }

  @Test
  void archiving_or_deleting_a_credential_destroys_its_secrets_and_frees_its_place()
      throws Exception {
    Vault vault = vault();
    Credential first = credentials.create(bearer(vault, "https://a.example"));
    assertStatus(409, () -> credentials.create(bearer(vault, "HTTPS://A.example:443/")));

    Credential archived = credentials.archive(vault.id(), first.id(), LATER);
    Credential second = credentials.create(bearer(vault, "https://a.example/"));
    credentials.delete(vault.id(), second.id());
    credentials.create(bearer(vault, "https://a.example"));

    assertEquals(first.archived(LATER), archived);
    assertEquals(archived, credentials.archive(vault.id(), first.id(), LATER.plusSeconds(9)));
    assertEquals("0", rest(first));
    assertEquals("0", rest(second));
    assertStatus(404, () -> credentials.find(vault.id(), second.id()));
    assertStatus(404, () -> credentials.delete(vault.id(), second.id()));
  }

  @Test
  void a_variable_has_one_active_credential_whatever_its_type() {
    Vault vault = vault();
    Credential aws = credentials.create(aws(vault));
    for (String taken :
        List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")) {
      assertStatus(409, () -> credentials.create(hmac(vault, taken)));
    }
    credentials.create(variable(vault));
    assertStatus(409, () -> credentials.create(hmac(vault, "A")));
    credentials.archive(vault.id(), aws.id(), LATER);
    credentials.create(hmac(vault, "AWS_ACCESS_KEY_ID"));
    assertStatus(409, () -> credentials.create(aws(vault)));
  }

  @Test
  void a_deleted_vault_leaves_nothing() throws Exception {
    Vault vault = vault();
    Credential credential = credentials.create(oauth(vault));

    vaults.delete(vault.id());

    assertEquals("0", rest(credential));
    assertEquals(
        "0",
        database.ask(
            "SELECT count(*) FROM vault_proxy.vault_credential WHERE vault_id = '"
                + vault.id()
                + "'"));
    assertStatus(404, () -> vaults.find(vault.id()));
    assertStatus(404, () -> vaults.delete(vault.id()));
    assertStatus(404, () -> credentials.list(vault.id(), false, null, 1));
    assertStatus(404, () -> credentials.create(variable(vault)));
  }

  @Test
  void a_credential_is_found_in_its_own_vault_only() {
    Credential credential = credentials.create(variable(vault()));
    Vault other = vault();

    assertStatus(404, () -> credentials.find(other.id(), credential.id()));
    assertStatus(404, () -> credentials.archive(other.id(), credential.id(), LATER));
    assertStatus(404, () -> credentials.delete(other.id(), credential.id()));
  }

  @Test
  void of_creates_for_the_same_server_at_the_same_moment_one_succeeds() throws Exception {
    Vault vault = vault();

    List<Integer> statuses = atOnce(8, _ -> bearer(vault, "https://a.example"));

    assertEquals(1, statuses.stream().filter(status -> status == 200).count(), statuses::toString);
    assertEquals(7, statuses.stream().filter(status -> status == 409).count(), statuses::toString);
  }

  @Test
  void creates_at_the_same_moment_do_not_get_past_the_limit_and_archived_ones_do_not_count()
      throws Exception {
    Vault vault = vault();
    Credential gone = credentials.create(bearer(vault, "https://gone.example"));
    credentials.archive(vault.id(), gone.id(), LATER);

    List<Integer> statuses = atOnce(24, i -> bearer(vault, "https://s" + i + ".example"));

    assertEquals(
        CredentialRules.ACTIVE_MAX,
        statuses.stream().filter(status -> status == 200).count(),
        statuses::toString);
    assertEquals(4, statuses.stream().filter(status -> status == 400).count());
    assertEquals(20, credentials.list(vault.id(), false, null, 100).size());
    assertEquals(21, credentials.list(vault.id(), true, null, 100).size());
  }

  private interface Making {
    CredentialChange of(int number);
  }

  private List<Integer> atOnce(int count, Making making) throws Exception {
    List<Callable<Integer>> creates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      CredentialChange fresh = making.of(i);
      creates.add(() -> status(() -> credentials.create(fresh)));
    }
    List<Integer> statuses = new ArrayList<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(count)) {
      for (Future<Integer> create : clients.invokeAll(creates)) {
        statuses.add(create.get());
      }
    }
    return statuses;
  }

  @Test
  void lists_are_newest_first_in_pages() throws Exception {
    Vault third = vault(MADE.plusSeconds(1_000_003));
    Vault second = vault(MADE.plusSeconds(1_000_002));
    Vault first = vault(MADE.plusSeconds(1_000_001));
    vaults.archive(second.id(), MADE.plusSeconds(1_000_004));

    List<Vault> all = vaults.list(true, null, 2);
    List<Vault> active = vaults.list(false, null, 2);
    List<Vault> rest = vaults.list(false, new ListPosition(third.createdAt(), third.id()), 1);

    assertEquals(List.of(third.id(), second.id()), all.stream().map(Vault::id).toList());
    assertEquals(List.of(third, first), active);
    assertEquals(List.of(first), rest);
  }

  @Test
  void a_database_that_is_away_says_so() {
    PGSimpleDataSource nowhere = new PGSimpleDataSource();
    nowhere.setPortNumbers(new int[] {1});

    assertThrows(
        DependencyAwayException.class,
        () -> new Transactions(nowhere).call(connection -> connection.isValid(1)));
  }

  private static void assertStatus(int status, Runnable request) {
    assertEquals(status, status(request));
  }

  private static int status(Runnable request) {
    try {
      request.run();
      return 200;
    } catch (ApiException e) {
      assertFalse(e.error().message().contains(CANARY));
      return e.error().status();
    }
  }
}
