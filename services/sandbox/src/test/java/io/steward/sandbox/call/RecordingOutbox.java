package io.steward.sandbox.call;

import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Keeps what was sent. While `broken`, nothing arrives.
final class RecordingOutbox implements Outbox {
  private final List<ToolResult> results = new ArrayList<>();
  private final List<SandboxEvent> events = new ArrayList<>();
  private final List<SandboxOutput> outputs = new ArrayList<>();
  private boolean broken;
  private boolean announcementsRefused;

  @Override
  public synchronized boolean send(String workspaceId, ToolResult result) {
    if (broken) {
      return false;
    }
    results.add(result);
    notifyAll();
    return true;
  }

  @Override
  public synchronized boolean publish(String workspaceId, SandboxOutput output) {
    if (broken) {
      return false;
    }
    outputs.add(output);
    notifyAll();
    return true;
  }

  @Override
  public synchronized void announce(SandboxEvent event) {
    events.add(event);
  }

  @Override
  public synchronized boolean announce(SandboxEvent event, Duration longest) {
    events.add(event);
    return !announcementsRefused;
  }

  /// While `now`, announcements may not have arrived.
  synchronized void refuseAnnouncements(boolean now) {
    announcementsRefused = now;
  }

  synchronized void broken(boolean now) {
    broken = now;
  }

  synchronized List<ToolResult> of(String toolUseId) {
    return results.stream().filter(result -> result.toolUseId().equals(toolUseId)).toList();
  }

  synchronized List<String> events() {
    return events.stream().map(event -> event.type().wireName()).toList();
  }

  /// What was announced, in order.
  synchronized List<SandboxEvent> announced() {
    return List.copyOf(events);
  }

  synchronized List<SandboxOutput> outputs() {
    return List.copyOf(outputs);
  }

  /// Waits for the `count`th output.
  synchronized SandboxOutput awaitOutput(int count) throws InterruptedException {
    long latest = System.nanoTime() + 20_000_000_000L;
    while (outputs.size() < count) {
      if (System.nanoTime() > latest) {
        throw new AssertionError("no output " + count);
      }
      wait(100);
    }
    return outputs.get(count - 1);
  }

  /// Waits for the `count`th result of a call.
  synchronized ToolResult await(String toolUseId, int count) throws InterruptedException {
    long latest = System.nanoTime() + 20_000_000_000L;
    while (of(toolUseId).size() < count) {
      if (System.nanoTime() > latest) {
        throw new AssertionError("no result of " + toolUseId);
      }
      wait(100);
    }
    return of(toolUseId).get(count - 1);
  }
}
