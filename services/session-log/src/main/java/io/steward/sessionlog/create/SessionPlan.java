package io.steward.sessionlog.create;

import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.model.ListPrices;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import io.steward.sessionlog.resource.ResourceRequest;
import io.steward.sessionlog.send.FileReference;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A session that keeps all rules, before its files were looked at.
///
/// @param vaultIds vaults that are there and not archived, in the order they were named
/// @param files the files that `initialEvents` name
/// @param prices list prices of its model, or null when it has none
record SessionPlan(
    SessionAgent agent,
    SessionRecord.SessionEnvironment environment,
    @Nullable String title,
    Map<String, String> metadata,
    List<ResourceRequest> resources,
    List<String> vaultIds,
    List<SessionEvent> initialEvents,
    List<FileReference> files,
    @Nullable Budget budget,
    @Nullable ListPrices prices) {

  /// The first record of the session.
  ///
  /// @param attachments copies of `files`, by file id
  SessionRecord.Created created(
      SessionId id,
      List<SessionResource> attached,
      Map<String, Attachment> attachments,
      Instant now) {
    return new SessionRecord.Created(
        id,
        Envelope.DEFAULT_WORKSPACE,
        agent,
        environment,
        title,
        metadata,
        attached,
        vaultIds,
        initialEvents,
        budget,
        prices,
        attachments,
        now);
  }
}
