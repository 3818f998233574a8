package io.steward.sessionlog.work;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far a work item is. Source: contract/core.md §4.6.
///
/// ```
/// Queued ─ack─▶ Starting ─first heartbeat─▶ Active
///   ▲              │                          │
///   └── the lease is lost ────────────────────┘
/// any of them ─stop─▶ Stopping ─forced stop, or nobody came─▶ Stopped
/// ```
public sealed interface WorkState {
  /// As the API writes it.
  String wireName();

  /// When something happens by itself, or null.
  @Nullable Instant dueAt();

  /// The hold of the worker that has, or had, the item; or null.
  @Nullable Lease lease();

  /// When somebody asked for its end, or null.
  default @Nullable Instant stopRequestedAt() {
    return switch (this) {
      case Stopping stopping -> stopping.requestedAt();
      case Stopped stopped -> stopped.requestedAt();
      case Queued _, Starting _, Active _ -> null;
    };
  }

  /// It waits for a worker.
  ///
  /// @param since when it came into the queue, also when it came back
  /// @param handedOutAt when a poll got it last, or null; nobody has acknowledged it since
  record Queued(Instant since, @Nullable Instant handedOutAt) implements WorkState {
    @Override
    public String wireName() {
      return "queued";
    }

    @Override
    public @Nullable Instant dueAt() {
      return null;
    }

    @Override
    public @Nullable Lease lease() {
      return null;
    }

    /// Whether a poll may have it.
    ///
    /// @param reclaimAfter how long an item that was handed out waits for its acknowledgement
    public boolean available(Instant now, Duration reclaimAfter) {
      return handedOutAt == null || !handedOutAt.plus(reclaimAfter).isAfter(now);
    }
  }

  /// A worker has it and has not sent a heartbeat yet.
  record Starting(Lease lease) implements WorkState {
    @Override
    public String wireName() {
      return "starting";
    }

    @Override
    public Instant dueAt() {
      return lease.until();
    }
  }

  /// A worker has it.
  record Active(Lease lease) implements WorkState {
    @Override
    public String wireName() {
      return "active";
    }

    @Override
    public Instant dueAt() {
      return lease.until();
    }
  }

  /// Somebody wants it to end, and its worker, if there is one, learns it from its next heartbeat.
  ///
  /// @param dueAt when it counts as stopped although no worker said so
  record Stopping(@Nullable Lease lease, Instant requestedAt, Instant dueAt) implements WorkState {
    @Override
    public String wireName() {
      return "stopping";
    }
  }

  /// It is over.
  ///
  /// @param requestedAt when somebody asked for it, or null
  /// @param failed whether its worker gave up a session that needed one
  record Stopped(
      @Nullable Lease lease, @Nullable Instant requestedAt, Instant stoppedAt, boolean failed)
      implements WorkState {
    @Override
    public String wireName() {
      return "stopped";
    }

    @Override
    public @Nullable Instant dueAt() {
      return null;
    }
  }
}
