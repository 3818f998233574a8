package io.steward.sandbox.call;

import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.driver.Mirror;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.egress.WayOut;
import io.steward.sandbox.output.Occasion;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.trace.TraceContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The sandbox of one session, made when it is first wanted and again when it is gone. Its lock is
/// held while one is opened or closed, which concerns this session only.
final class SessionSandbox {
  private static final Logger LOG = Logger.getLogger(SessionSandbox.class);
  private static final String CONTINUED_ELSEWHERE =
      "another instance of the sandbox service continued the session";
  private static final String DIRECTORY_GONE = "the directory of its files was removed";

  /// How often a sandbox is tried to be made for one call.
  private static final int OPENINGS_MAX = 3;

  private static final Duration OPENING_PAUSE = Duration.ofMillis(200);

  /// How long the first command, and one that may reach something else, waits until the egress
  /// proxy can know. Then it runs, and the proxy may refuse what it asks for.
  private static final Duration ANNOUNCEMENT_MAX = Duration.ofSeconds(2);

  /// How often a sandbox in use is told of again: its topic forgets, and an egress proxy that
  /// starts knows what is on the topic only.
  private static final Duration ACCESS_TOLD_EVERY = Duration.ofDays(1);

  private final SessionId session;
  private final SandboxDriver driver;
  private final SessionFiles files;
  private final Outbox outbox;
  private final InstantSource clock;
  private @Nullable Sandbox sandbox;
  private volatile Mirror mirror = Mirror.NONE;
  private long pushed;
  private final AtomicBoolean pulling = new AtomicBoolean();
  private Optional<Object> directory = Optional.empty();
  private @Nullable SandboxAccess access;
  private Instant accessToldAt = Instant.EPOCH;
  private long reachedBy;
  private Instant lastUsed;
  private volatile Optional<TraceContext> calling = Optional.empty();
  private int users;
  private boolean used;
  private boolean closed;

  SessionSandbox(
      SessionId session,
      SandboxDriver driver,
      SessionFiles files,
      Outbox outbox,
      InstantSource clock) {
    this.session = session;
    this.driver = driver;
    this.files = files;
    this.outbox = outbox;
    this.clock = clock;
    this.lastUsed = clock.instant();
  }

  /// What came of asking for the sandbox.
  sealed interface Place {
    /// The caller must release its `owner`.
    ///
    /// @param opened whether it was made for this caller
    record Ready(Sandbox sandbox, SessionSandbox owner, boolean opened) implements Place {}

    record Refused(String reason) implements Place {}

    /// No sandbox lives: prepare what a new one needs, and ask with it.
    record Absent() implements Place {}

    /// This object is no longer in use, or its directory is old again: begin anew.
    record Gone() implements Place {}
  }

  /// The sandbox that lives, if one does.
  ///
  /// @param reach what it may reach from now on
  synchronized Place acquireLive(Reach reach) {
    if (closed) {
      return new Place.Gone();
    }
    endIfStale();
    noteEnd();
    Sandbox current = sandbox;
    if (current == null) {
      return new Place.Absent();
    }
    changeAccess(current, reach);
    users++;
    return new Place.Ready(current, this, false);
  }

  /// Brings the directory up before a new sandbox is made. Outside the lock, because it may take
  /// long.
  ///
  /// @param givenUp ends waiting for stores that do not answer
  /// @return a sentence for the model when there can be no sandbox now
  Optional<String> bring(BooleanSupplier givenUp) {
    return live() == null ? files.bring(driver.owner(), givenUp) : Optional.empty();
  }

  /// The sandbox that lives, or a new one on a directory that was brought up.
  ///
  /// @param packages for a new one; stays the caller's
  /// @param wayOut for a new one
  /// @param reach what it may reach from now on
  synchronized Place acquire(
      Optional<InstalledPackages> packages, Optional<WayOut> wayOut, Reach reach)
      throws IOException {
    if (closed) {
      return new Place.Gone();
    }
    boolean _ = endWithoutDirectory();
    noteEnd();
    Sandbox current = sandbox;
    if (current == null && !files.isCurrent()) {
      return new Place.Gone(); // Since it was brought up, its directory was lost or overtaken.
    }
    boolean opens = current == null;
    if (current == null) {
      switch (open(packages, wayOut, reach)) {
        case SandboxDriver.Opening.Refused(String reason) -> {
          return new Place.Refused(reason);
        }
        case SandboxDriver.Opening.Opened(Sandbox opened, Mirror keeper) -> {
          current = opened;
          sandbox = opened;
          mirror = keeper;
          directory = files.directory().identity();
        }
      }
    } else {
      changeAccess(current, reach);
    }
    users++;
    return new Place.Ready(current, this, opens);
  }

  /// Takes over a sandbox that was left behind, on a directory that was brought up. Empty when it
  /// is gone, or another one lives.
  ///
  /// @throws IOException when it does not answer
  synchronized Optional<Place.Ready> reattach(String incarnation) throws IOException {
    noteEnd();
    Sandbox current = sandbox;
    if (!closed && current == null) {
      Optional<SandboxDriver.Opening.Opened> left = driver.reattach(session, incarnation);
      if (left.isPresent()) {
        current = left.get().sandbox();
        sandbox = current;
        mirror = left.get().mirror();
        directory = files.directory().identity();
      }
    }
    if (closed || current == null || !current.incarnation().equals(incarnation)) {
      return Optional.empty();
    }
    users++;
    return Optional.of(new Place.Ready(current, this, false));
  }

  /// Shows inside what this service changed in the directory.
  ///
  /// @return a sentence for the model when that failed
  Optional<String> push() {
    long changes = files.changes();
    if (changes == pushed) {
      return Optional.empty();
    }
    try {
      mirror.push();
      pushed = changes;
      return Optional.empty();
    } catch (IOException e) {
      LOG.warnf("files could not be shown in a sandbox session_id=%s: %s", session, e);
      return Optional.of(
          "The files of the session could not be brought to its sandbox; try again.");
    }
  }

  /// Brings into the directory what changed inside, unless that was done less than `age` ago. A
  /// failure is repaired by the next time.
  void pull(Duration age) {
    try {
      mirror.pull(age);
    } catch (IOException e) {
      LOG.warnf("files could not be brought from a sandbox session_id=%s: %s", session, e);
    }
  }

  /// Looks at the outputs, where they are elsewhere after they were brought here. Does not wait.
  void lookMeanwhile(Duration age) {
    if (mirror == Mirror.NONE) {
      var _ = files.look(Occasion.MEANWHILE);
    } else if (pulling.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("pull-" + session)
          .start(() -> {
            try {
              pull(age);
              var _ = files.look(Occasion.MEANWHILE);
            } finally {
              pulling.set(false);
            }
          });
    }
  }

  private SandboxDriver.Opening open(
      Optional<InstalledPackages> packages, Optional<WayOut> wayOut, Reach reach)
      throws IOException {
    Optional<WayOut> traced = wayOut.map(way -> way.tracedBy(() -> calling));
    for (int attempt = 1; ; attempt++) {
      try {
        SandboxDriver.Opening opening = driver.open(session, packages, traced);
        if (opening instanceof SandboxDriver.Opening.Opened(Sandbox opened, _)) {
          awaitStart(opened, wayOut, reach);
        }
        return opening;
      } catch (IOException e) {
        if (attempt == OPENINGS_MAX) {
          throw e;
        }
        LOG.warnf("no sandbox could be made, trying again session_id=%s: %s", session, e);
        LockSupport.parkNanos(OPENING_PAUSE.toNanos());
      }
    }
  }

  /// Tells of a new sandbox while it starts.
  private void awaitStart(Sandbox opened, Optional<WayOut> wayOut, Reach reach) throws IOException {
    announceStart(opened, wayOut, reach);
    try {
      opened.awaitStart(SandboxDriver.START_MAX);
    } catch (IOException e) {
      outbox.announce(event(SandboxEvent.Type.STOPPED, opened, "it did not start"));
      throw e;
    }
  }

  /// A call begins to run: what leaves the sandbox from now on is part of it, or of one beside it.
  void called() {
    calling = TraceContext.current();
  }

  synchronized void release() {
    used = true;
    releaseUncalled();
  }

  /// As [#release], when no call used it.
  synchronized void releaseUncalled() {
    users--;
    lastUsed = clock.instant();
    noteEnd();
  }

  SessionFiles files() {
    return files;
  }

  private void endIfStale() {
    Sandbox current = sandbox;
    boolean gone = endWithoutDirectory();
    if (current != null && !gone && current.isAlive() && !files.isCurrent()) {
      current.end(CONTINUED_ELSEWHERE);
    }
  }

  /// Ends a sandbox whose directory is gone or another one: what it does would be lost. True when
  /// that is so, now or before.
  synchronized boolean endWithoutDirectory() {
    Sandbox current = sandbox;
    if (current == null || files.directory().identity().equals(directory)) {
      return false;
    }
    current.end(DIRECTORY_GONE);
    return true;
  }

  /// Whether a sandbox lives.
  synchronized @Nullable Sandbox live() {
    return sandbox != null && sandbox.isAlive() ? sandbox : null;
  }

  /// Ends the sandbox if nobody used it for `idle`; true when this object is then over.
  synchronized boolean closeIfIdle(Duration idle) {
    noteEnd();
    if (users > 0 || lastUsed.plus(idle).isAfter(clock.instant())) {
      return false;
    }
    if (live() != null) {
      pull(Duration.ZERO);
    }
    close("it was idle");
    return true;
  }

  /// Whether a call ever used it.
  synchronized boolean isCalled() {
    return used;
  }

  synchronized Instant lastUsed() {
    return lastUsed;
  }

  synchronized void close(String reason) {
    closed = true;
    Sandbox current = sandbox;
    if (current != null && current.isAlive()) {
      current.end(reason);
      announceEnd(current, reason);
    }
    sandbox = null;
  }

  /// Closes it at the end of the service. A sandbox in which something runs and that goes on by
  /// itself is left to who comes next.
  synchronized void leave(String reason) {
    Sandbox current = sandbox;
    if (current != null && current.isLasting() && users > 0) {
      closed = true;
      sandbox = null;
      current.detach(reason);
      return;
    }
    if (live() != null) {
      pull(Duration.ZERO);
    }
    close(reason);
  }

  private void noteEnd() {
    Sandbox current = sandbox;
    if (current != null && !current.isAlive()) {
      if (!current.isDetached()) {
        announceEnd(current, "it ended by itself");
      }
      sandbox = null;
    }
  }

  private void announceEnd(Sandbox ended, String reason) {
    if (files.directory().identity().equals(directory)) {
      files.save(); // Background jobs may have gone on after the last call.
    }
    var _ = files.look(Occasion.AT_END);
    outbox.announce(event(SandboxEvent.Type.STOPPED, ended, reason));
  }

  private void announceStart(Sandbox opened, Optional<WayOut> wayOut, Reach reach) {
    reachedBy = reach.order();
    if (wayOut.isEmpty()) {
      access = null;
      outbox.announce(event(SandboxEvent.Type.STARTED, opened, null));
      return;
    }
    announceAccess(
        SandboxEvent.Type.STARTED,
        opened,
        new SandboxAccess(
            wayOut.get().token().sha256(),
            reach.workspaceId(),
            wayOut.get().networking(),
            reach.network()));
  }

  /// Tells what a sandbox with a way out may reach, if that is new. A command that waited while a
  /// later one was performed changes nothing: the later one knew better.
  private void changeAccess(Sandbox current, Reach reach) {
    SandboxAccess known = access;
    if (known == null || reach.order() < reachedBy) {
      return;
    }
    reachedBy = reach.order();
    boolean old = accessToldAt.plus(ACCESS_TOLD_EVERY).isBefore(clock.instant());
    if (old || !known.network().equals(reach.network())) {
      announceAccess(
          SandboxEvent.Type.ACCESS_CHANGED,
          current,
          new SandboxAccess(
              known.tokenSha256(), known.workspaceId(), known.networking(), reach.network()));
    }
  }

  private void announceAccess(SandboxEvent.Type type, Sandbox about, SandboxAccess now) {
    access = now;
    boolean told = outbox.announce(event(type, about, null), ANNOUNCEMENT_MAX);
    accessToldAt = told ? clock.instant() : Instant.EPOCH;
    if (!told) {
      LOG.warnf(
          "not known whether the egress proxy was told of a sandbox; the next call tells it again"
              + " session_id=%s",
          session);
    }
  }

  private SandboxEvent event(SandboxEvent.Type type, Sandbox about, @Nullable String reason) {
    return new SandboxEvent(
        type,
        session,
        about.incarnation(),
        driver.name(),
        clock.instant(),
        reason,
        type == SandboxEvent.Type.STOPPED ? null : access);
  }
}
