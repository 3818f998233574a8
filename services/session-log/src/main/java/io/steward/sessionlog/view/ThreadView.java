package io.steward.sessionlog.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.steward.schemas.agent.ThreadAgent;
import io.steward.schemas.event.CumulativeUsage;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A thread, field for field. Source: contract/events.md §6.9.
///
/// @param stats null until the thread's status changed for the first time
/// @param usage null until the thread went idle for the first time
@JsonPropertyOrder({"id", "type"})
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ThreadView(
    String id,
    String type,
    String sessionId,
    @Nullable String parentThreadId,
    @Nullable String workflowRunId,
    String status,
    ThreadAgent agent,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant archivedAt,
    SessionSummary.@Nullable Stats stats,
    @Nullable CumulativeUsage usage) {

  /// The primary thread of a session at `now`.
  public static ThreadView primary(Session session, SessionFacts facts, Instant now) {
    SessionSummary summary = SessionSummary.of(session, facts);
    CumulativeUsage usage = facts.meter().usageAt(summary.clock(now));
    return new ThreadView(
        facts.threadId(),
        "session_thread",
        summary.id(),
        null,
        null,
        summary.status(),
        facts.agent().thread(),
        facts.createdAt(),
        facts.updatedAt(),
        facts.archivedAt(),
        facts.meter().everRan()
            ? new SessionSummary.Stats(usage.activeSeconds(), summary.seconds(now))
            : null,
        facts.meter().everIdled() ? usage : null);
  }
}
