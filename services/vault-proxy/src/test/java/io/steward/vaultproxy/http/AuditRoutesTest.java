package io.steward.vaultproxy.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.PostgresUses;
import io.steward.vaultproxy.audit.UseQueue;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Uses in a real PostgreSQL, as clients see them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class AuditRoutesTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final SessionId SESSION = SessionId.random(1);
  private static final int USES = 5;

  private final Database database;
  private final PostgresVaults vaults;
  private final Route route;
  private final List<CredentialUse> newestFirst = new ArrayList<>();
  private String vaultId = "";

  AuditRoutesTest(@TempDir Path directory) throws IOException {
    database = Database.start();
    Transactions transactions = new Transactions(database.source());
    vaults =
        new PostgresVaults(
            transactions, new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, 1))));
    route = new AuditRoutes(new PostgresUses(transactions)).routes().getFirst();
  }

  /// Five of one vault, of which the second and the third are of the same moment, and one of none.
  @BeforeAll
  void use() {
    vaultId = vault();
    List<CredentialUse> uses = new ArrayList<>();
    for (int i = 0; i < USES; i++) {
      SessionId session = i % 2 == 0 ? SESSION : null;
      uses.add(use(vaultId, "vcrd_" + i % 2, session, START.plusSeconds(i == 2 ? 1 : i)));
    }
    uses.add(use(null, "sec_1", SESSION, START));
    UseQueue queue = new UseQueue(new PostgresUses(new Transactions(database.source())), () -> {});
    uses.forEach(queue::note);
    queue.start();
    queue.close();
    newestFirst.addAll(
        uses.subList(0, USES).stream()
            .sorted((a, b) -> {
              int byTime = b.createdAt().compareTo(a.createdAt());
              return byTime == 0 ? b.id().compareTo(a.id()) : byTime;
            })
            .toList());
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
  }

  private String vault() {
    return vaults.create(new Vault(Ids.random("vlt_"), "Ada", Map.of(), START, START, null)).id();
  }

  private static CredentialUse use(
      @Nullable String vaultId, String credentialId, @Nullable SessionId session, Instant at) {
    return new CredentialUse(
        Ids.random("vuse_"),
        at,
        "wrkspc_default",
        vaultId,
        credentialId,
        session,
        Purpose.MCP,
        "a.example",
        443,
        true,
        Outcome.ANSWERED,
        200);
  }

  private Page page(String id, Map<String, String> parameters) {
    Map<String, List<String>> query = new HashMap<>();
    parameters.forEach((name, value) -> query.put(name, List.of(value)));
    return (Page)
        route.handler().handle(new Request(Map.of("vault_id", id), new Query(query), new byte[0]));
  }

  private List<?> listed(String name, String value) {
    return page(vaultId, Map.of(name, value)).data();
  }

  @Test
  void uses_are_listed_newest_first_in_pages() {
    List<Object> all = new ArrayList<>();
    @Nullable String next = "";
    int pages = 0;
    while (next != null) {
      Page page = page(vaultId, Map.of("limit", "2", "page", next));
      all.addAll(page.data());
      next = page.nextPage();
      pages++;
    }

    assertEquals(newestFirst, all);
    assertEquals(3, pages);
    assertNull(page(vaultId, Map.of()).nextPage());
  }

  @Test
  void an_entry_is_the_record_of_the_topic() {
    CredentialUse newest = newestFirst.getFirst();

    assertEquals(
        "{\"id\":\""
            + newest.id()
            + "\",\"type\":\"vault.credential_used\",\"created_at\":\"2026-01-02T03:04:09.678Z\","
            + "\"workspace_id\":\"wrkspc_default\",\"vault_id\":\""
            + vaultId
            + "\",\"credential_id\":\"vcrd_0\",\"session_id\":\""
            + SESSION.value()
            + "\",\"purpose\":\"mcp\",\"host\":\"a.example\",\"port\":443,\"secure\":true,"
            + "\"outcome\":\"answered\",\"status\":200}",
        Json.tree(Json.bytes(listed("limit", "1").getFirst())).toString());
  }

  @Test
  void they_are_found_by_credential_by_session_and_by_time() {
    assertEquals(
        newestFirst.stream().filter(use -> use.credentialId().equals("vcrd_1")).toList(),
        listed("credential_id", "vcrd_1"));
    assertEquals(
        newestFirst.stream().filter(use -> SESSION.equals(use.sessionId())).toList(),
        listed("session_id", SESSION.value()));
    assertEquals(newestFirst.subList(0, 2), listed("created_at[gt]", "2026-01-02T03:04:06.678Z"));
    assertEquals(newestFirst.subList(0, 4), listed("created_at[gte]", "2026-01-02T03:04:06.678Z"));
    assertEquals(
        newestFirst.subList(4, 5), listed("created_at[lt]", "2026-01-02T04:04:06.678+01:00"));
    assertEquals(newestFirst.subList(2, 5), listed("created_at[lte]", "2026-01-02T03:04:06.678Z"));
    assertEquals(List.of(), listed("credential_id", "vcrd_9"));
  }

  @Test
  void a_vault_that_is_archived_or_unused_has_a_list_and_one_that_never_was_has_none() {
    String unused = vault();
    assertEquals(List.of(), page(unused, Map.of()).data());
    vaults.archive(unused, START);
    assertEquals(List.of(), page(unused, Map.of()).data());
    vaults.delete(unused);

    ApiException missing = assertThrows(ApiException.class, () -> page(unused, Map.of()));

    assertEquals(404, missing.error().status());
  }

  @Test
  void the_uses_of_a_deleted_vault_stay() {
    String deleted = vault();
    UseQueue queue = new UseQueue(new PostgresUses(new Transactions(database.source())), () -> {});
    CredentialUse use = use(deleted, "vcrd_1", null, START);
    queue.note(use);
    queue.start();
    queue.close();
    vaults.delete(deleted);

    assertEquals(List.of(use), page(deleted, Map.of()).data());
    assertEquals(List.of(), page(deleted, Map.of("credential_id", "vcrd_9")).data());
  }

  @ParameterizedTest
  @CsvSource({
    "credential_id,a b,must be an id",
    "session_id,x/y,must be an id",
    "created_at[gt],yesterday,must be a time such as 2026-01-31T12:00:00Z",
    "created_at[lte],+999999999-01-01T00:00:00Z,must be a time such as 2026-01-31T12:00:00Z",
    "created_at[lt],2026-01-31,must be a time such as 2026-01-31T12:00:00Z"
  })
  void parameters_that_break_a_rule_are_refused_by_name(String name, String value, String rule) {
    ApiException refused = assertThrows(ApiException.class, () -> listed(name, value));

    assertEquals(400, refused.error().status());
    assertEquals(
        "`" + name + "` is \"" + value + "\", but " + rule + ".", refused.error().message());
  }
}
