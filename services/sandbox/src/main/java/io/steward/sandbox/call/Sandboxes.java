package io.steward.sandbox.call;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.output.Occasion;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/// The sandboxes of all sessions here. A session has at most one; one that nobody uses goes after a
/// while, and the longest unused one goes first when there are too many.
public final class Sandboxes {
  private static final Logger LOG = Logger.getLogger(Sandboxes.class);

  /// How often files are brought from a sandbox that is elsewhere while nobody calls.
  private static final Duration PULLED_EVERY = Duration.ofSeconds(30);

  private final SandboxDriver driver;
  private final EnvironmentPackages packages;
  private final WaysOut waysOut;
  private final SessionFiles.Exchange files;
  private final Path root;
  private final Limits limits;
  private final Outbox outbox;
  private final InstantSource clock;
  private final Map<SessionId, SessionSandbox> sessions = new ConcurrentHashMap<>();

  /// @param idle how long an unused sandbox lives
  /// @param sandboxesMax how many live at once
  /// @param preparedIdle how long one lives that was prepared and that no call ever used
  /// @param preparationsMax how many are prepared at once
  public record Limits(
      Duration idle, int sandboxesMax, Duration preparedIdle, int preparationsMax) {
    private static final int FEW = 4;

    /// Where sandboxes that were prepared are nothing special.
    public Limits(Duration idle, int sandboxesMax) {
      this(idle, sandboxesMax, idle, FEW);
    }
  }

  /// @param packages what environments have installed
  /// @param waysOut how sandboxes get out
  /// @param root directory with a directory per session
  public Sandboxes(
      SandboxDriver driver,
      EnvironmentPackages packages,
      WaysOut waysOut,
      SessionFiles.Exchange files,
      Path root,
      Limits limits,
      Outbox outbox,
      InstantSource clock) {
    this.driver = driver;
    this.packages = packages;
    this.waysOut = waysOut;
    this.files = files;
    this.root = root;
    this.limits = limits;
    this.outbox = outbox;
    this.clock = clock;
  }

  /// What came of preparing a sandbox.
  sealed interface Preparation {
    /// The session has a sandbox, so nothing is needed.
    record Lives() implements Preparation {}

    /// A new sandbox can be made.
    ///
    /// @param packages what it shows; whoever prepared it closes them
    record Prepared(Optional<InstalledPackages> packages) implements Preparation {}

    /// The reason why there can be none.
    record Refused(String reason) implements Preparation {}

    /// The caller no longer wants it.
    record Canceled() implements Preparation {}
  }

  /// Gets what the sandbox of `session` needs, if none lives.
  Preparation prepare(SessionId session, JsonNode environmentConfig, Cancellation cancellation) {
    return lives(session) ? new Preparation.Lives() : prepareNew(environmentConfig, cancellation);
  }

  /// Gets what a new sandbox needs, which takes minutes when packages have to be installed.
  ///
  /// @param environmentConfig what shapes a new sandbox
  /// @param cancellation ends waiting for packages
  Preparation prepareNew(JsonNode environmentConfig, Cancellation cancellation) {
    return switch (packages.obtain(environmentConfig, cancellation)) {
      case EnvironmentPackages.Outcome.Failed(String reason) -> new Preparation.Refused(reason);
      case EnvironmentPackages.Outcome.Canceled() -> new Preparation.Canceled();
      case EnvironmentPackages.Outcome.Ready(Optional<InstalledPackages> installed) ->
          new Preparation.Prepared(installed);
    };
  }

  /// The sandbox of `session`, made if there is none. A ready place must be released.
  ///
  /// @param prepared what a new one shows; empty to get only one that lives, and a place that is
  ///   absent if none does any more
  /// @param reach what it may reach from now on
  /// @param givenUp ends waiting for stores that do not answer
  /// @throws IOException when none could be made
  SessionSandbox.Place acquire(
      SessionId session,
      Optional<Preparation.Prepared> prepared,
      Reach reach,
      BooleanSupplier givenUp)
      throws IOException {
    if (!sessions.containsKey(session) && sessions.size() >= limits.sandboxesMax()) {
      if (!makeRoom()) {
        return new SessionSandbox.Place.Refused(
            "All " + limits.sandboxesMax() + " sandboxes are in use; try again later.");
      }
    }
    while (true) {
      SessionSandbox owner =
          sessions.computeIfAbsent(
              session, id -> new SessionSandbox(id, driver, files(id), outbox, clock));
      Optional<String> trouble = prepared.isPresent() ? owner.bring(givenUp) : Optional.empty();
      if (trouble.isPresent()) {
        return new SessionSandbox.Place.Refused(trouble.get());
      }
      SessionSandbox.Place place =
          prepared.isPresent()
              ? owner.acquire(
                  prepared.get().packages(),
                  waysOut.find(session, reach.environmentConfig(), reach.network().vaultIds()),
                  reach)
              : owner.acquireLive(reach);
      if (!(place instanceof SessionSandbox.Place.Gone)) {
        return place;
      }
    }
  }

  /// Whether sandboxes go on without this service and can be taken over.
  boolean areLasting() {
    return driver.isLasting();
  }

  /// Whether a sandbox of `session` lives here.
  boolean lives(SessionId session) {
    SessionSandbox known = sessions.get(session);
    return known != null && known.live() != null;
  }

  /// Takes over a sandbox that was left behind. A ready place must be released. Empty when it is
  /// gone.
  ///
  /// @param givenUp ends waiting for stores that do not answer
  /// @throws IOException when that is not known now
  Optional<SessionSandbox.Place.Ready> reattach(
      SessionId session, String incarnation, BooleanSupplier givenUp) throws IOException {
    SessionSandbox owner =
        sessions.computeIfAbsent(
            session, id -> new SessionSandbox(id, driver, files(id), outbox, clock));
    Optional<String> trouble = owner.bring(givenUp);
    if (trouble.isPresent()) {
      throw new IOException(trouble.get());
    }
    return owner.reattach(incarnation);
  }

  /// As [#acquire], for a call that may come: no other sandbox gives way.
  ///
  /// @return empty when there are as many as there may be, used or not
  Optional<SessionSandbox.Place> acquireAhead(
      SessionId session, Preparation.Prepared prepared, Reach reach, BooleanSupplier givenUp)
      throws IOException {
    return !sessions.containsKey(session) && sessions.size() >= limits.sandboxesMax()
        ? Optional.empty()
        : Optional.of(acquire(session, Optional.of(prepared), reach, givenUp));
  }

  /// Sessions that have a sandbox here, or are getting one.
  public int open() {
    return sessions.size();
  }

  Limits limits() {
    return limits;
  }

  private SessionFiles files(SessionId session) {
    return new SessionFiles(session, SessionDirectory.of(root, session), files);
  }

  private boolean makeRoom() {
    return sessions.entrySet().stream()
        .sorted(
            Comparator.comparing(
                    (Map.Entry<SessionId, SessionSandbox> entry) -> entry.getValue().isCalled())
                .thenComparing(entry -> entry.getValue().lastUsed()))
        .anyMatch(entry -> removeIfIdle(entry.getKey(), entry.getValue(), Duration.ZERO));
  }

  /// Ends sandboxes that were not used for long. Their directories stay.
  public void removeIdle() {
    sessions.forEach((session, sandbox) ->
        removeIfIdle(session, sandbox, sandbox.isCalled() ? limits.idle() : limits.preparedIdle()));
  }

  private boolean removeIfIdle(SessionId session, SessionSandbox sandbox, Duration idle) {
    boolean removed = sandbox.closeIfIdle(idle);
    if (removed) {
      sessions.remove(session, sandbox);
      LOG.infof("sandbox removed because it was idle session_id=%s", session);
    }
    return removed;
  }

  /// Ends the sandbox of `session`. Its directory stays.
  void end(SessionId session) {
    SessionSandbox known = sessions.remove(session);
    if (known != null) {
      known.close("the session ended");
      LOG.infof("sandbox ended with its session session_id=%s", session);
    }
  }

  /// Ends the sandbox of `session` and removes all it kept.
  ///
  /// @throws IOException when something could not be removed
  void delete(SessionId session) throws IOException {
    files.saves().forbid(session);
    files
        .outputs()
        .remove(
            session,
            () -> {
              SessionSandbox known = sessions.remove(session);
              if (known != null) {
                known.close("the session was deleted");
              }
            },
            () -> Trees.remove(SessionDirectory.of(root, session).path()));
    files.saves().remove(session);
    LOG.infof("workspace removed session_id=%s", session);
  }

  /// The sessions that have a sandbox here, or soon.
  public Set<SessionId> sessions() {
    return Set.copyOf(sessions.keySet());
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

  /// Waits until what a call of `session` left is saved, for a bounded time.
  void settle(SessionId session) {
    files.saves().settle(session);
  }

  /// Ends sandboxes whose directories are gone. What runs in them hears that it is lost.
  void endWithoutDirectory() {
    sessions.values().forEach(SessionSandbox::endWithoutDirectory);
  }

  /// Looks at the outputs of sandboxes that live, where commands may go on in the background. Does
  /// not wait.
  public void lookAtOutputs() {
    sessions
        .values()
        .forEach(sandbox -> {
          if (sandbox.live() != null) {
            sandbox.lookMeanwhile(PULLED_EVERY);
          }
        });
  }

  /// Looks at the outputs of a session whose sandbox was lost; done when they are published.
  CompletableFuture<Void> lookAtLost(SessionId session, String workspaceId) {
    return files.outputs().look(session, workspaceId, Occasion.AT_END);
  }

  /// Ends all sandboxes; calls in them are lost. What they leave is saved if that is quick.
  public void closeAll(String reason) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      sessions.values().forEach(sandbox -> threads.execute(() -> sandbox.leave(reason)));
    }
    sessions.clear();
    files.saves().close();
  }
}
