package io.steward.sessionlog.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.EnvironmentConfig;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.rules.MetadataRules;
import io.steward.schemas.agent.rules.SessionAgentRules;
import io.steward.schemas.event.Budget;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.create.BudgetRules;
import io.steward.sessionlog.create.EnvironmentFit;
import io.steward.sessionlog.http.Field;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    Budget budget = BudgetRules.read(root.field("budget"));
    String title = root.field("title").optionalText(TITLE_CHARS_MAX);
    Map<String, String> metadata =
        MetadataRules.update(facts.metadata(), body, MetadataRules.EmptyValue.STORED);
    SessionAgent agent = agent(facts, root.field("agent"), body);
    requireOpen(session);
    if (!root.field("agent").absent()) {
      requireNotRunning(session);
    }
    if (budget != null) {
      requireBudget(facts, budget, now);
    }
    boolean titleChanges = body.has("title") && !Objects.equals(title, facts.title());
    boolean metadataChanges = !metadata.equals(facts.metadata());
    boolean agentChanges = !agent.equals(facts.agent());
    boolean budgetChanges = body.has("budget") && !Objects.equals(budget, facts.budget());
    return titleChanges || metadataChanges || agentChanges || budgetChanges
        ? Optional.of(
            new SessionRecord.UpdateRequested(
                titleChanges ? body.get("title") : null,
                metadataChanges ? metadata : null,
                agentChanges ? agent : null,
                budgetChanges ? budgetNode(budget) : null,
                now))
        : Optional.empty();
  }

  /// A budget only replaces another, and lies above what has been spent. The fold judges again when
  /// the record is read.
  private static void requireBudget(SessionFacts facts, Budget budget, Instant now) {
    if (facts.budget() == null) {
      throw new ApiException(
          ApiError.invalid(
              "`budget`: a session that has no budget cannot be given one; it is given when the"
                  + " session is created.",
              "budget_create_only"));
    }
    if (facts.meter().prices() == null) {
      throw BudgetRules.notBudgetable(facts.agent().model().id());
    }
    if (budget.maxListCost().dollars().compareTo(facts.meter().costAt(now)) <= 0) {
      throw new ApiException(
          ApiError.invalid(
              "`budget.max_list_cost.amount` is \""
                  + budget.maxListCost().amount()
                  + "\", but must be above what the session has cost so far.",
              "budget_not_raised"));
    }
  }

  private static JsonNode budgetNode(@Nullable Budget budget) {
    return budget == null ? JsonNodeFactory.instance.nullNode() : Json.mapper().valueToTree(budget);
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

  private static SessionAgent agent(SessionFacts facts, Field field, ObjectNode body) {
    JsonNode change = body.get("agent");
    if (change == null || field.absent()) {
      return facts.agent();
    }
    SessionAgent next = SessionAgentRules.withTools(facts.agent(), change);
    if (!next.mcpServers().equals(facts.agent().mcpServers())) {
      EnvironmentFit.requireServers(
          next.name(),
          next.mcpServers(),
          Json.mapper().convertValue(facts.environment().config(), EnvironmentConfig.class));
    }
    return next;
  }

  private static ApiException invalid(String message) {
    return new ApiException(ApiError.invalid(message));
  }
}
