package io.steward.sandbox.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.Placeholders;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class KnownVaultsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final SessionId session = SessionId.random(0);
  private final KnownVaults vaults = new KnownVaults(2);

  private static VaultHead head(String id, String salt, String... names) {
    return new VaultHead(id, "wrkspc_default", null, new VaultHead.Variables(salt, List.of(names)));
  }

  @Test
  void of_two_vaults_with_the_same_name_the_first_of_the_session_counts() {
    vaults.put(head("vlt_1", "salt1", "A", "B"));
    vaults.put(head("vlt_2", "salt2", "B", "C"));

    assertEquals(
        Map.of(
            "A", Placeholders.of("salt1", session, "A"),
            "B", Placeholders.of("salt2", session, "B"),
            "C", Placeholders.of("salt2", session, "C")),
        vaults.placeholders(session, List.of("vlt_2", "vlt_none", "vlt_1")));
  }

  @Test
  void a_variable_that_steward_sets_is_left_out() {
    vaults.put(head("vlt_1", "salt", "PATH", "LD_PRELOAD", "https_proxy", "API_KEY", "A B", "-i"));

    assertEquals(
        Map.of("API_KEY", Placeholders.of("salt", session, "API_KEY")),
        vaults.placeholders(session, List.of("vlt_1")));
  }

  @Test
  void the_newest_state_of_a_vault_counts_and_a_deleted_one_is_forgotten() {
    vaults.put(head("vlt_1", "salt", "A"));
    vaults.put(head("vlt_2", "salt", "A"));
    vaults.put(new VaultHead("vlt_1", "wrkspc_default", null, null));
    vaults.remove("vlt_2");

    assertEquals(Map.of(), vaults.placeholders(session, List.of("vlt_1", "vlt_2")));
  }

  @Test
  void variables_without_a_salt_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> vaults.put(head("vlt_1", "", "A")));
  }

  @Test
  void above_the_limit_the_longest_unchanged_vault_is_forgotten() {
    vaults.put(head("vlt_1", "salt", "A"));
    vaults.put(head("vlt_2", "salt", "B"));
    vaults.put(head("vlt_1", "salt", "A"));
    vaults.put(head("vlt_3", "salt", "C"));

    assertEquals(
        List.of("A", "C"),
        vaults.placeholders(session, List.of("vlt_1", "vlt_2", "vlt_3")).keySet().stream()
            .toList());
  }

  @Test
  void more_variables_than_a_sandbox_may_have_are_left_out() {
    String[] names = new String[KnownVaults.VARIABLES_MAX + 1];
    for (int i = 0; i < names.length; i++) {
      names[i] = "A" + i;
    }
    vaults.put(head("vlt_1", "salt", names));

    assertEquals(KnownVaults.VARIABLES_MAX, vaults.placeholders(session, List.of("vlt_1")).size());
  }

  @Test
  void an_authority_is_waited_for_and_the_newest_one_counts() {
    assertEquals(Optional.empty(), vaults.authority(Duration.ZERO));
    Thread.ofVirtual().start(() -> vaults.trust(new SandboxAuthority("one", Instant.EPOCH)));

    assertEquals(Optional.of("one"), vaults.authority(PATIENCE));

    vaults.trust(new SandboxAuthority("two", Instant.EPOCH));
    assertEquals(Optional.of("two"), vaults.authority(Duration.ZERO));
  }
}
