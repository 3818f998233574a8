package io.steward.schemas.session;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.Money;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.resource.SessionResource.FileResource;
import io.steward.schemas.resource.SessionResource.RepositoryResource;
import io.steward.schemas.session.Session.Deleted;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Terminated;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What becomes of a client's request to change, archive or delete a session. The fold decides, so
/// that every reader agrees which request took effect; the client is told from the record read
/// back.
final class Requests {
  private static final String RUNNING =
      "The session is running; interrupt it and wait until it is idle.";
  private static final String TERMINATED = "The session is terminated and cannot be changed.";

  private Requests() {}

  static Session update(Live live, String recordId, SessionRecord.UpdateRequested update) {
    SessionFacts facts = live.facts();
    if (live instanceof Terminated) {
      return Fold.with(live, facts.withRequest(recordId, TERMINATED));
    }
    boolean running = live.status() == Session.Status.RUNNING;
    if (update.agent() != null && running) {
      return Fold.with(live, facts.withRequest(recordId, RUNNING));
    }
    SessionAgent agent = Objects.requireNonNullElse(update.agent(), facts.agent());
    Map<String, String> metadata = Objects.requireNonNullElse(update.metadata(), facts.metadata());
    String title = update.title() == null ? facts.title() : text(update.title());
    Optional<String> refusal = budgetRefusal(facts, update.budget());
    if (refusal.isPresent()) {
      return Fold.with(live, facts.withRequest(recordId, refusal.get()));
    }
    Budget budget = update.budget() == null ? facts.budget() : budget(update.budget());
    boolean budgetChanged = !Objects.equals(budget, facts.budget());
    SessionFacts next = facts.withRequest(recordId, null);
    boolean agentChanged = !agent.equals(facts.agent());
    boolean metadataChanged = !metadata.equals(facts.metadata());
    boolean titleChanged = !Objects.equals(title, facts.title());
    if (agentChanged || metadataChanged || titleChanged || budgetChanged) {
      next =
          next.withSettings(agent, title, metadata)
              .withBudget(budget)
              .withAnnouncement(
                  new Announcement.Updated(
                      agentChanged ? agent : null,
                      metadataChanged && !metadata.isEmpty() ? metadata : null,
                      titleChanged ? node(title) : null,
                      budgetChanged ? update.budget() : null));
    }
    return Fold.with(live, next);
  }

  /// Why a budget cannot be changed so, if it cannot. Source: contract/core.md §5.6.
  static Optional<String> budgetRefusal(SessionFacts facts, @Nullable JsonNode change) {
    if (change == null) {
      return Optional.empty();
    }
    if (facts.budget() == null) {
      return change.isNull()
          ? Optional.empty()
          : Optional.of("The session has no budget, and one can be given only at its creation.");
    }
    Budget budget = budget(change);
    return budget == null
            || budget.maxListCost().dollars().compareTo(facts.meter().costAt(facts.lastEventAt()))
                > 0
        ? Optional.empty()
        : Optional.of("The budget must be above what the session has already cost.");
  }

  private static @Nullable Budget budget(JsonNode change) {
    JsonNode cost = change.path("max_list_cost");
    return change.isNull()
        ? null
        : Budget.limit(new Money(cost.path("amount").asText(), cost.path("currency").asText()));
  }

  static Session addResource(Live live, String recordId, SessionResource resource) {
    SessionFacts facts = live.facts();
    String refusal = addRefusal(live, resource);
    return Fold.with(
        live,
        refusal == null
            ? facts.withRequest(recordId, null).withResources(facts.resources().plus(resource))
            : facts.withRequest(recordId, refusal));
  }

  private static @Nullable String addRefusal(Live live, SessionResource resource) {
    Resources resources = live.facts().resources();
    if (live instanceof Terminated) {
      return TERMINATED;
    }
    if (resources.files() >= SessionResource.FILES_MAX) {
      return "The session has " + SessionResource.FILES_MAX + " files, which is the limit.";
    }
    return resources.occupied(resource.sandboxPath())
        ? "Another resource is mounted at " + resource.sandboxPath() + "."
        : null;
  }

  static Session updateResource(
      Live live, String recordId, SessionRecord.ResourceUpdateRequested update) {
    SessionFacts facts = live.facts();
    if (live instanceof Terminated) {
      return Fold.with(live, facts.withRequest(recordId, TERMINATED));
    }
    return facts
        .resources()
        .find(update.resourceId())
        .filter(RepositoryResource.class::isInstance)
        .map(RepositoryResource.class::cast)
        .map(repository -> repository.withSecret(update.secretId(), update.at()))
        .map(changed ->
            Fold.with(
                live,
                facts
                    .withRequest(recordId, null)
                    .withResources(facts.resources().replaced(changed))))
        .orElseGet(
            () -> Fold.with(live, facts.withRequest(recordId, noResource(update.resourceId()))));
  }

  static Session deleteResource(Live live, String recordId, String resourceId) {
    SessionFacts facts = live.facts();
    if (live instanceof Terminated) {
      return Fold.with(live, facts.withRequest(recordId, TERMINATED));
    }
    boolean removable =
        facts.resources().find(resourceId).stream().anyMatch(FileResource.class::isInstance);
    return Fold.with(
        live,
        removable
            ? facts.withRequest(recordId, null).withResources(facts.resources().without(resourceId))
            : facts.withRequest(recordId, noResource(resourceId)));
  }

  private static String noResource(String id) {
    return "The session has no resource " + id + " that could be changed so.";
  }

  static Session archive(Live live, String recordId, Instant at) {
    SessionFacts facts = live.facts();
    if (live.status() == Session.Status.RUNNING) {
      return Fold.with(live, facts.withRequest(recordId, RUNNING));
    }
    SessionFacts accepted = facts.withRequest(recordId, null);
    if (facts.archivedAt() != null) {
      return Fold.with(live, accepted);
    }
    SessionFacts archived = accepted.archived(at);
    return new Terminated(
        live instanceof Terminated
            ? archived
            : archived.withAnnouncement(new Announcement.Archived()));
  }

  static Session delete(Live live, String recordId) {
    return live.status() == Session.Status.RUNNING
        ? Fold.with(live, live.facts().withRequest(recordId, RUNNING))
        : new Deleted(live.facts().id(), live.facts().nextOffset(), false);
  }

  private static @Nullable String text(JsonNode title) {
    return title.isNull() ? null : title.asText();
  }

  private static JsonNode node(@Nullable String title) {
    return title == null
        ? JsonNodeFactory.instance.nullNode()
        : JsonNodeFactory.instance.textNode(title);
  }
}
