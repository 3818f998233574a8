package io.steward.sandbox.call;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.mount.Mounting;
import io.steward.sandbox.mount.Mounts;
import io.steward.sandbox.output.Occasion;
import io.steward.sandbox.output.Outputs;
import io.steward.sandbox.save.SavePoints;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxMount;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What is shown to one session, and what it leaves.
public final class SessionFiles {
  private static final Logger LOG = Logger.getLogger(SessionFiles.class);

  private final SessionId session;
  private final SessionDirectory directory;
  private final Exchange exchange;
  private @Nullable List<SandboxMount> shown;
  private long shownBy;
  private long changes;
  private volatile @Nullable String workspaceId;

  /// The ways in and out for the files of all sessions.
  public record Exchange(Mounts mounts, Outputs outputs, SavePoints saves) {}

  /// What a command wants to see.
  ///
  /// @param order of the command among all of this service, growing
  record Wish(long order, String workspaceId, List<SandboxMount> mounts) {}

  SessionFiles(SessionId session, SessionDirectory directory, Exchange exchange) {
    this.session = session;
    this.directory = directory;
    this.exchange = exchange;
  }

  /// Has `wish` shown. Where it is, only a comparison is made. A command that waited while a later
  /// one was performed changes nothing: the later one knew better.
  synchronized Mounting show(Wish wish, BooleanSupplier canceled) {
    workspaceId = wish.workspaceId();
    List<SandboxMount> before = shown;
    if (before != null && (wish.order() < shownBy || wish.mounts().equals(before))) {
      shownBy = Math.max(shownBy, wish.order());
      return new Mounting.Shown();
    }
    shown = null;
    changes++;
    Mounting mounting = exchange.mounts().show(directory, wish.mounts(), canceled);
    if (mounting instanceof Mounting.Shown) {
      shown = wish.mounts();
      shownBy = wish.order();
    }
    return mounting;
  }

  /// Grows when what is shown changes.
  synchronized long changes() {
    return changes;
  }

  /// Has the directory restored if it is not the newest, before a sandbox is made on it. What was
  /// shown is looked at again.
  ///
  /// @param owner the user of the machine who owns what belongs to the agent
  /// @param givenUp ends waiting for stores that do not answer
  /// @return a sentence for the model when there can be no sandbox now
  synchronized Optional<String> bring(OptionalInt owner, BooleanSupplier givenUp) {
    shown = null;
    return exchange.saves().bring(session, owner, givenUp);
  }

  /// Whether no other instance of the service continued this session.
  boolean isCurrent() {
    try {
      return exchange.saves().isCurrent(session);
    } catch (IOException e) {
      LOG.warnf("not known whether files are the newest session_id=%s: %s", session, e);
      return true; // The journal is asked next, in the same database; it waits.
    }
  }

  /// Has what is there saved. Does not wait.
  void save() {
    exchange.saves().ask(session);
  }

  /// A sentence for the agent when its earlier files were removed and it was not told yet. Once.
  Optional<String> takeNotice() {
    return exchange.saves().takeNotice(session);
  }

  SessionDirectory directory() {
    return directory;
  }

  /// Has the outputs looked at; done when they are published.
  CompletableFuture<Void> look(Occasion occasion) {
    String workspace = workspaceId;
    return workspace == null
        ? CompletableFuture.completedFuture(null) // No call ever ran.
        : exchange.outputs().look(session, workspace, occasion);
  }
}
