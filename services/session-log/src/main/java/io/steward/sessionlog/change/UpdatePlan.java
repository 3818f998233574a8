package io.steward.sessionlog.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.rules.MetadataRules;
import io.steward.schemas.agent.rules.SessionAgentRules;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.http.Field;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Turns an update of a session into the record that asks for it. Source: contract/core.md §5.6.
final class UpdatePlan {
  private static final int TITLE_CHARS_MAX = 1_024;

  private UpdatePlan() {}

  /// What to ask for, or empty when nothing would change.
  ///
  /// @throws ApiException 400 when the update breaks a rule or does not fit the state
  static Optional<SessionRecord.UpdateRequested> of(
      Session session, SessionFacts facts, ObjectNode body, Instant now) {
    Field root = new Field("", body);
    if (body.has("vault_ids")) {
      throw invalid("`vault_ids` cannot be changed: they belong to the session for its lifetime.");
    }
    if (!root.field("budget").absent()) {
      throw new ApiException(
          ApiError.invalid(
              "`budget`: a budget can be given only when the session is created.",
              "budget_create_only"));
    }
    String title = root.field("title").optionalText(TITLE_CHARS_MAX);
    Map<String, String> metadata =
        MetadataRules.update(facts.metadata(), body, MetadataRules.EmptyValue.STORED);
    SessionAgent agent = agent(facts.agent(), root.field("agent"), body);
    requireOpen(session);
    if (!root.field("agent").absent()) {
      requireNotRunning(session);
    }
    boolean titleChanges = body.has("title") && !Objects.equals(title, facts.title());
    boolean metadataChanges = !metadata.equals(facts.metadata());
    boolean agentChanges = !agent.equals(facts.agent());
    return titleChanges || metadataChanges || agentChanges
        ? Optional.of(
            new SessionRecord.UpdateRequested(
                titleChanges ? body.get("title") : null,
                metadataChanges ? metadata : null,
                agentChanges ? agent : null,
                now))
        : Optional.empty();
  }

  /// @throws ApiException 400 when the session is running
  static void requireNotRunning(Session session) {
    if (running(session)) {
      throw invalid("The session is running; interrupt it and wait until it is idle.");
    }
  }

  /// Whether a turn is under way or about to begin.
  static boolean running(Session session) {
    return session.status() == Session.Status.RUNNING;
  }

  /// Whether an interrupt was sent that nobody has applied yet.
  static boolean interruptWaits(Session session) {
    return session.known().stream().anyMatch(facts -> !facts.inbox().nextInterrupts().isEmpty());
  }

  private static void requireOpen(Session session) {
    if (session.status() == Session.Status.TERMINATED) {
      throw invalid("The session is terminated and cannot be changed.");
    }
  }

  private static SessionAgent agent(SessionAgent current, Field field, ObjectNode body) {
    JsonNode change = body.get("agent");
    return change == null || field.absent()
        ? current
        : SessionAgentRules.withTools(current, change);
  }

  private static ApiException invalid(String message) {
    return new ApiException(ApiError.invalid(message));
  }
}
