package io.steward.e2e.fault.crowd;

import com.anthropic.client.AnthropicClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsSessionEvent;
import com.anthropic.models.beta.sessions.events.BetaManagedAgentsStreamSessionEvents;
import com.anthropic.models.beta.sessions.events.EventListParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Reads a session as the SDKs' tool runner does: opens the stream, then reads the whole list, then
/// the stream, dropping what it has; when the stream ends it waits 0.5 s, doubling to 10 s, and
/// begins again. One thing is stricter here: a list that fails counts as a failed attempt.
final class Follower implements AutoCloseable {
  private static final Duration PAUSE_MIN = Duration.ofMillis(500);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(10);
  private static final Set<Integer> TRANSIENT = Set.of(408, 409, 429);

  private final AnthropicClient sdk;
  private final String sessionId;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final LinkedHashMap<String, JsonNode> seen = new LinkedHashMap<>();
  private final List<List<JsonNode>> connections = new ArrayList<>();
  private final List<String> broken = new ArrayList<>();
  private @Nullable StreamResponse<BetaManagedAgentsStreamSessionEvents> stream;
  private boolean closed;
  private boolean heard;

  Follower(AnthropicClient sdk, String sessionId) {
    this.sdk = sdk;
    this.sessionId = sessionId;
  }

  void start() {
    Thread.ofVirtual().name("follower of " + sessionId).start(this::run);
  }

  /// Everything known of the session, in order; an event that was processed later has moved.
  List<JsonNode> seen() {
    lock.lock();
    try {
      return List.copyOf(seen.values());
    } finally {
      lock.unlock();
    }
  }

  /// What arrived on each stream.
  List<List<JsonNode>> connections() {
    lock.lock();
    try {
      return connections.stream().map(List::copyOf).toList();
    } finally {
      lock.unlock();
    }
  }

  /// What no official client understood, or why it gave up.
  List<String> broken() {
    lock.lock();
    try {
      return List.copyOf(broken);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until something new is known, at most so long.
  void awaitChange(int knownBefore, Duration patience) throws InterruptedException {
    long nanos = patience.toNanos();
    lock.lock();
    try {
      while (version() == knownBefore && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /// A number that grows with what is known.
  int version() {
    lock.lock();
    try {
      int processed = 0;
      for (JsonNode event : seen.values()) {
        processed += event.path("processed_at").isTextual() ? 1 : 0;
      }
      return seen.size() + processed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    StreamResponse<BetaManagedAgentsStreamSessionEvents> open;
    lock.lock();
    try {
      closed = true;
      open = stream;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (open != null) {
      open.close();
    }
  }

  private void run() {
    Duration pause = PAUSE_MIN;
    while (true) {
      heard = false;
      try {
        connect();
      } catch (AnthropicServiceException e) {
        int status = e.statusCode();
        if (status / 100 == 4 && !TRANSIENT.contains(status)) {
          note("the stream or list was refused for good: " + e);
          return;
        }
      } catch (RuntimeException e) {
        // Cut, by the server or by this side: begin again.
      }
      pause = heard ? PAUSE_MIN : pause;
      if (isClosedWithin(pause)) {
        return;
      }
      pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause.multipliedBy(2);
    }
  }

  private void connect() {
    try (StreamResponse<BetaManagedAgentsStreamSessionEvents> opened =
        sdk.beta().sessions().events().streamStreaming(sessionId)) {
      List<JsonNode> arrived = new ArrayList<>();
      lock.lock();
      try {
        stream = opened;
        connections.add(arrived);
        if (closed) {
          return;
        }
      } finally {
        lock.unlock();
      }
      for (BetaManagedAgentsSessionEvent event :
          sdk.beta()
              .sessions()
              .events()
              .list(EventListParams.builder().sessionId(sessionId).limit(1000).build())
              .autoPager()) {
        learn(Stage.json(event.validate()), null);
      }
      opened.stream().forEach(event -> learn(Stage.json(event.validate()), arrived));
    }
  }

  private void learn(JsonNode event, @Nullable List<JsonNode> arrived) {
    lock.lock();
    try {
      heard = true;
      if (arrived != null) {
        arrived.add(event);
      }
      String id = event.path("id").asText();
      JsonNode known = seen.get(id);
      boolean processedNow =
          known != null
              && known.path("processed_at").isNull()
              && event.path("processed_at").isTextual();
      if (known == null || processedNow) {
        seen.remove(id);
        seen.put(id, event);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void note(String fault) {
    lock.lock();
    try {
      broken.add(fault);
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosedWithin(Duration pause) {
    lock.lock();
    try {
      long nanos = pause.toNanos();
      while (!closed && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } finally {
      lock.unlock();
    }
  }
}
