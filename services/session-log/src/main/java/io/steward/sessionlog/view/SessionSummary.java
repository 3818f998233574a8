package io.steward.sessionlog.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.CumulativeUsage;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.session.Meter;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the API shows of a session, but for its agent and what changes with the clock. The
/// projection keeps it, so that a list does not fold anything.
public record SessionSummary(
    String id,
    String status,
    @Nullable String title,
    String environmentId,
    List<JsonNode> resources,
    List<String> vaultIds,
    Map<String, String> metadata,
    Meter meter,
    @Nullable Budget budget,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant archivedAt) {
  private static final double MILLIS_PER_SECOND = 1000.0;

  /// The summary of a session in a state where `facts` are known.
  public static SessionSummary of(Session session, SessionFacts facts) {
    return new SessionSummary(
        facts.id().value(),
        session.status().wireName(),
        facts.title(),
        facts.environment().id(),
        facts.resources().attached().stream().map(SessionResource::view).toList(),
        facts.vaultIds(),
        facts.metadata(),
        facts.meter(),
        facts.budget(),
        facts.createdAt(),
        facts.updatedAt(),
        facts.archivedAt());
  }

  /// The session as the API shows it at `now`.
  ///
  /// @param agent its agent, or anything that is written as the agent's JSON
  public View view(Object agent, Instant now) {
    CumulativeUsage usage = meter.usageAt(clock(now));
    return new View(
        id,
        "session",
        status,
        title,
        agent,
        environmentId,
        resources,
        vaultIds,
        metadata,
        List.of(),
        budget,
        new Stats(usage.activeSeconds(), seconds(now)),
        usage,
        createdAt,
        updatedAt,
        archivedAt,
        null);
  }

  /// Seconds since creation; a terminated session does not grow older.
  double seconds(Instant now) {
    return Math.max(0, Duration.between(createdAt, clock(now)).toMillis()) / MILLIS_PER_SECOND;
  }

  /// What the session's clock shows.
  Instant clock(Instant now) {
    return status.equals(Session.Status.TERMINATED.wireName()) ? updatedAt : now;
  }

  /// A session, field for field. Source: contract/core.md §5.8.
  @JsonPropertyOrder({"id", "type", "status", "title", "agent"})
  public record View(
      String id,
      String type,
      String status,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String title,
      Object agent,
      String environmentId,
      List<JsonNode> resources,
      List<String> vaultIds,
      Map<String, String> metadata,
      List<JsonNode> outcomeEvaluations,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Budget budget,
      Stats stats,
      CumulativeUsage usage,
      Instant createdAt,
      Instant updatedAt,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant archivedAt,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String deploymentId) {}

  /// How long a session, or a thread, has worked and existed.
  public record Stats(double activeSeconds, double durationSeconds) {}
}
