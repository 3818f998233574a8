package io.steward.sandbox.egress;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.Placeholders;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What the topic `vaults` says, as far as sandboxes need it: the variables of vaults that have
/// any, and the certificate authority. Safe from any thread.
public final class KnownVaults {
  /// Vaults with variables that are remembered. Above it those are forgotten that did not change
  /// for the longest time.
  static final int VAULTS_MAX = 50_000;

  /// Variables of one sandbox that hold placeholders; more are left out.
  static final int VARIABLES_MAX = 1_000;

  private static final Logger LOG = Logger.getLogger(KnownVaults.class);

  private final int vaultsMax;
  private final Map<String, VaultHead.Variables> variables = new LinkedHashMap<>();
  private @Nullable String authorityPem;
  private boolean full;

  public KnownVaults() {
    this(VAULTS_MAX);
  }

  KnownVaults(int vaultsMax) {
    this.vaultsMax = vaultsMax;
  }

  /// Takes the newest state of a vault.
  ///
  /// @throws IllegalArgumentException when it has variables without a salt
  public synchronized void put(VaultHead head) {
    variables.remove(head.id());
    VaultHead.Variables named = head.variables();
    if (named == null || named.names().isEmpty()) {
      return;
    }
    if (isMissing(named.salt())) {
      throw new IllegalArgumentException("the variables of a vault have no salt");
    }
    variables.put(head.id(), named);
    if (variables.size() > vaultsMax) {
      variables.remove(variables.keySet().iterator().next());
      if (!full) {
        full = true;
        LOG.warnf(
            "more than %d vaults have variables: sandboxes of the longest unchanged ones get none",
            vaultsMax);
      }
    }
  }

  /// JSON may leave out what the type says is there.
  private static boolean isMissing(@Nullable String text) {
    return text == null || text.isEmpty();
  }

  /// Forgets a vault that was deleted.
  public synchronized void remove(String vaultId) {
    variables.remove(vaultId);
  }

  /// Takes the newest authority.
  public synchronized void trust(SandboxAuthority authority) {
    authorityPem = authority.certificatePem();
    notifyAll();
  }

  /// The placeholders of a session's vaults, by the names of their variables. Of two vaults with
  /// the same name the first counts.
  public synchronized Map<String, String> placeholders(SessionId session, List<String> vaultIds) {
    Map<String, String> placeholders = new LinkedHashMap<>();
    for (String vaultId : vaultIds) {
      VaultHead.Variables named = variables.get(vaultId);
      if (named == null) {
        continue;
      }
      for (String name : named.names()) {
        if (VariableNames.mayHoldSecret(name) && placeholders.size() < VARIABLES_MAX) {
          placeholders.putIfAbsent(name, Placeholders.of(named.salt(), session, name));
        }
      }
    }
    return placeholders;
  }

  /// The certificate of the authority, waited for as long as `longest` if none was ever seen.
  public synchronized Optional<String> authority(Duration longest) {
    long latest = System.nanoTime() + longest.toNanos();
    long left = longest.toNanos();
    try {
      while (authorityPem == null && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = latest - System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.ofNullable(authorityPem);
  }
}
