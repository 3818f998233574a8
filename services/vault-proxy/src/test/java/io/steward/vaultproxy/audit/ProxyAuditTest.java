package io.steward.vaultproxy.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.proxy.ProxyObserver;
import io.steward.vaultproxy.stage.RecordedUses;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProxyAuditTest {
  private static final Instant USED = Instant.parse("2026-01-02T03:04:05.678900Z");

  private final SessionId session = SessionId.random(1);
  private final RecordedUses uses = new RecordedUses();
  private final ProxyAudit audit = new ProxyAudit(uses.audit(() -> USED));

  private ProxyObserver.CredentialUse use(
      @Nullable String vaultId, String credentialId, int status) {
    return new ProxyObserver.CredentialUse(
        new SandboxIdentity(
            "sbx_1",
            session,
            "wrkspc_1",
            new Unrestricted(),
            Set.of(),
            List.of("vlt_1"),
            List.of()),
        vaultId,
        credentialId,
        new Endpoint(new HostName.Name("api.example"), 8443),
        true,
        status);
  }

  @Test
  void a_secret_that_left_is_a_use_of_the_session() {
    audit.used(use("vlt_1", "vcrd_1", 403));

    CredentialUse kept = uses.all().getFirst();
    assertEquals(
        new CredentialUse(
            kept.id(),
            Instant.parse("2026-01-02T03:04:05.678Z"),
            "wrkspc_1",
            "vlt_1",
            "vcrd_1",
            session,
            Purpose.EGRESS,
            "api.example",
            8443,
            true,
            Outcome.REFUSED,
            403),
        kept);
  }

  @Test
  void one_without_an_answer_failed_and_one_without_a_vault_is_of_a_repository() {
    audit.used(use("vlt_1", "vcrd_1", 0));
    audit.used(use(null, "sec_1", 200));

    assertEquals(List.of("egress failed null", "git answered 200"), uses.summaries());
    assertNull(uses.all().getLast().vaultId());
    assertEquals("sec_1", uses.all().getLast().credentialId());
  }
}
