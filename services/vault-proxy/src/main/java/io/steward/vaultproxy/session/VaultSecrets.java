package io.steward.vaultproxy.session;

import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Placeholder;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.proxy.SessionSecrets;
import io.steward.vaultproxy.store.PostgresVariables;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The variables of a session's vaults. Their placeholders are computed, as the sandbox service
/// computes them for the sandbox.
public final class VaultSecrets implements SessionSecrets {
  private final PostgresVariables variables;
  private final BooleanSupplier recordable;

  /// @param recordable whether a use can be recorded now; must not wait
  public VaultSecrets(PostgresVariables variables, BooleanSupplier recordable) {
    this.variables = variables;
    this.recordable = recordable;
  }

  @Override
  public boolean mayUse() {
    return recordable.getAsBoolean();
  }

  @Override
  public List<Injection> of(SandboxIdentity sandbox) {
    if (sandbox.vaultIds().isEmpty()) {
      return List.of();
    }
    return variables.of(sandbox.workspaceId(), sandbox.vaultIds()).stream()
        .flatMap(variable ->
            CredentialInjections.of(
                variable.credential(),
                name ->
                    new Placeholder(Placeholders.of(variable.salt(), sandbox.sessionId(), name)))
                .stream())
        .toList();
  }
}
