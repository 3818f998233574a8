package io.steward.sessionlog.catalog;

import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.vault.VaultHead;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CatalogTablesTest {
  private static final VaultHead ACTIVE = new VaultHead("vlt_1", "wrkspc_default", null, null);
  private static final VaultHead ARCHIVED = new VaultHead("vlt_1", "wrkspc_default", T0, null);

  private final CatalogTables tables = new CatalogTables();

  @Test
  void a_vault_is_what_its_newest_record_says() {
    tables.putVault(ACTIVE);
    tables.putVault(ARCHIVED);

    assertEquals(Optional.of(ARCHIVED), tables.vault("vlt_1"));
    assertEquals(Optional.empty(), tables.vault("vlt_2"));
  }

  @Test
  void a_record_of_before_that_comes_late_does_not_bring_an_archived_vault_back() {
    tables.putVault(ARCHIVED);
    tables.putVault(ACTIVE);

    assertEquals(Optional.of(ARCHIVED), tables.vault("vlt_1"));
  }

  @Test
  void a_tombstone_removes_a_vault_and_may_come_for_one_nobody_knows() {
    tables.putVault(ACTIVE);
    tables.removeVault("vlt_1");
    tables.removeVault("sealing-key");

    assertEquals(Optional.empty(), tables.vault("vlt_1"));
  }
}
