package io.steward.sandbox.call;

import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/// The sandboxes of all sessions here. A session has at most one; one that nobody uses goes after a
/// while, and the longest unused one goes first when there are too many.
public final class Sandboxes {
  private static final Logger LOG = Logger.getLogger(Sandboxes.class);

  private final SandboxDriver driver;
  private final Path root;
  private final Limits limits;
  private final Outbox outbox;
  private final InstantSource clock;
  private final Map<SessionId, SessionSandbox> sessions = new ConcurrentHashMap<>();

  /// @param idle how long an unused sandbox lives
  /// @param sandboxesMax how many live at once
  public record Limits(Duration idle, int sandboxesMax) {}

  /// @param root directory with a directory per session
  public Sandboxes(
      SandboxDriver driver, Path root, Limits limits, Outbox outbox, InstantSource clock) {
    this.driver = driver;
    this.root = root;
    this.limits = limits;
    this.outbox = outbox;
    this.clock = clock;
  }

  /// The sandbox of `session`, made if there is none. A ready place must be released.
  ///
  /// @throws IOException when none could be made
  SessionSandbox.Place acquire(SessionId session) throws IOException {
    if (!sessions.containsKey(session) && sessions.size() >= limits.sandboxesMax()) {
      if (!makeRoom()) {
        return new SessionSandbox.Place.Refused(
            "All " + limits.sandboxesMax() + " sandboxes are in use; try again later.");
      }
    }
    while (true) {
      SessionSandbox.Place place =
          sessions
              .computeIfAbsent(session, id -> new SessionSandbox(id, driver, outbox, clock))
              .acquire();
      if (!(place instanceof SessionSandbox.Place.Gone)) {
        return place;
      }
    }
  }

  private boolean makeRoom() {
    return sessions.entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getValue().lastUsed()))
        .anyMatch(entry -> removeIfIdle(entry.getKey(), entry.getValue(), Duration.ZERO));
  }

  /// Ends sandboxes that were not used for long. Their directories stay.
  public void removeIdle() {
    sessions.forEach((session, sandbox) -> removeIfIdle(session, sandbox, limits.idle()));
  }

  private boolean removeIfIdle(SessionId session, SessionSandbox sandbox, Duration idle) {
    boolean removed = sandbox.closeIfIdle(idle);
    if (removed) {
      sessions.remove(session, sandbox);
      LOG.infof("sandbox removed because it was idle session_id=%s", session);
    }
    return removed;
  }

  /// Ends the sandbox of `session` and removes all it kept.
  ///
  /// @throws IOException when something could not be removed
  void delete(SessionId session) throws IOException {
    SessionSandbox known = sessions.remove(session);
    if (known != null) {
      known.close("the session was deleted");
    }
    Trees.remove(SessionDirectory.of(root, session).path());
    LOG.infof("workspace removed session_id=%s", session);
  }

  /// The sandboxes that live now, with their directories.
  Map<SessionDirectory, Sandbox> live() {
    Map<SessionDirectory, Sandbox> live = new HashMap<>();
    sessions.forEach((session, sandbox) -> {
      Sandbox current = sandbox.live();
      if (current != null) {
        live.put(SessionDirectory.of(root, session), current);
      }
    });
    return live;
  }

  /// Ends all sandboxes; calls in them are lost.
  public void closeAll(String reason) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      sessions.values().forEach(sandbox -> threads.execute(() -> sandbox.close(reason)));
    }
    sessions.clear();
  }
}
