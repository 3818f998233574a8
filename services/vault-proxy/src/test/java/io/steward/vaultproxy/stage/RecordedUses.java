package io.steward.vaultproxy.stage;

import io.steward.schemas.vault.CredentialUse;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.audit.CredentialUses;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps uses of credentials in memory.
public final class RecordedUses implements CredentialUses {
  private final List<CredentialUse> all = new CopyOnWriteArrayList<>();
  private volatile boolean full;

  /// For those who do not care.
  public static Audit audit() {
    return new RecordedUses().audit(InstantSource.system());
  }

  public Audit audit(InstantSource clock) {
    return new Audit(this, clock);
  }

  /// Whether there is room from now on.
  public void full(boolean isFull) {
    full = isFull;
  }

  /// Oldest first.
  public List<CredentialUse> all() {
    return List.copyOf(all);
  }

  /// Each as `purpose outcome status`, oldest first.
  public List<String> summaries() {
    return all.stream()
        .map(use -> use.purpose().wireName() + " " + use.outcome().wireName() + " " + use.status())
        .toList();
  }

  public void clear() {
    all.clear();
  }

  @Override
  public boolean hasRoom() {
    return !full;
  }

  @Override
  public void note(CredentialUse use) {
    all.add(use);
  }

  @Override
  public void record(CredentialUse use) {
    all.add(use);
  }
}
