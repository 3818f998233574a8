package io.steward.sandbox.save;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts what came of saves and restorations.
public final class SaveCounts implements SavePoints.Counts {
  private final AtomicInteger saves = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger restorations = new AtomicInteger();
  private final AtomicInteger removals = new AtomicInteger();

  @Override
  public void saved() {
    saves.incrementAndGet();
  }

  @Override
  public void notSaved() {
    failures.incrementAndGet();
  }

  @Override
  public void restored() {
    restorations.incrementAndGet();
  }

  @Override
  public void notRestored() {
    failures.incrementAndGet();
  }

  @Override
  public void workspaceRemoved() {
    removals.incrementAndGet();
  }

  public int removals() {
    return removals.get();
  }

  public int saves() {
    return saves.get();
  }

  public int failures() {
    return failures.get();
  }

  public int restorations() {
    return restorations.get();
  }
}
