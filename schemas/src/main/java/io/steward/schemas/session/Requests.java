package io.steward.schemas.session;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session.Deleted;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Terminated;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
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
    SessionFacts next = facts.withRequest(recordId, null);
    boolean agentChanged = !agent.equals(facts.agent());
    boolean metadataChanged = !metadata.equals(facts.metadata());
    boolean titleChanged = !Objects.equals(title, facts.title());
    if (agentChanged || metadataChanged || titleChanged) {
      next =
          next.withSettings(agent, title, metadata)
              .withAnnouncement(
                  new Announcement.Updated(
                      agentChanged ? agent : null,
                      metadataChanged && !metadata.isEmpty() ? metadata : null,
                      titleChanged ? node(title) : null));
    }
    return Fold.with(live, next);
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
