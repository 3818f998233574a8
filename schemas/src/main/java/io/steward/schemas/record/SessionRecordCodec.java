package io.steward.schemas.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.event.EventTypes;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/// Between a [SessionRecord] and the type and JSON of its Kafka record.
public final class SessionRecordCodec {
  private SessionRecordCodec() {}

  /// The `ce_type` of a record.
  public static String type(SessionRecord body) {
    return switch (body) {
      case SessionRecord.Created _ -> SessionRecord.CREATED;
      case SessionRecord.EventsSent _ -> SessionRecord.EVENTS_SENT;
      case SessionRecord.UpdateRequested _ -> SessionRecord.UPDATE_REQUESTED;
      case SessionRecord.ArchiveRequested _ -> SessionRecord.ARCHIVE_REQUESTED;
      case SessionRecord.DeleteRequested _ -> SessionRecord.DELETE_REQUESTED;
      case SessionRecord.EventRecorded(SessionEvent event) -> event.type();
      case SessionRecord.ModelResponse _ -> SessionRecord.MODEL_RESPONSE;
      case SessionRecord.RetryScheduled _ -> SessionRecord.RETRY_SCHEDULED;
      case SessionRecord.ContextSummary _ -> SessionRecord.CONTEXT_SUMMARY;
      case SessionRecord.ContextSummaryFailed _ -> SessionRecord.CONTEXT_SUMMARY_FAILED;
      case SessionRecord.ContextExceeded _ -> SessionRecord.CONTEXT_EXCEEDED;
      case SessionRecord.ResourceAddRequested _ -> SessionRecord.RESOURCE_ADD_REQUESTED;
      case SessionRecord.ResourceUpdateRequested _ -> SessionRecord.RESOURCE_UPDATE_REQUESTED;
      case SessionRecord.ResourceDeleteRequested _ -> SessionRecord.RESOURCE_DELETE_REQUESTED;
      case SessionRecord.RepositorySettled _ -> SessionRecord.REPOSITORY_SETTLED;
      case SessionRecord.McpServerSettled _ -> SessionRecord.MCP_SERVER_SETTLED;
      case SessionRecord.ToolOutputKept _ -> SessionRecord.TOOL_OUTPUT_KEPT;
      case SessionRecord.Unrecognized unrecognized -> unrecognized.type();
    };
  }

  /// The JSON of a record.
  public static byte[] json(SessionRecord body) {
    return switch (body) {
      case SessionRecord.EventRecorded(SessionEvent event) -> eventJson(event);
      case SessionRecord.Unrecognized _ ->
          throw new IllegalArgumentException("an unrecognized record is never written");
      default -> Json.bytes(body);
    };
  }

  /// The record of that type in `json`; an unknown type becomes [SessionRecord.Unrecognized].
  ///
  /// @throws UncheckedIOException when the JSON does not fit the type
  public static SessionRecord decode(String type, boolean mayIgnore, byte[] json) {
    return switch (type) {
      case SessionRecord.CREATED -> read(json, SessionRecord.Created.class);
      case SessionRecord.EVENTS_SENT -> read(json, SessionRecord.EventsSent.class);
      case SessionRecord.UPDATE_REQUESTED -> read(json, SessionRecord.UpdateRequested.class);
      case SessionRecord.ARCHIVE_REQUESTED -> read(json, SessionRecord.ArchiveRequested.class);
      case SessionRecord.DELETE_REQUESTED -> read(json, SessionRecord.DeleteRequested.class);
      case SessionRecord.MODEL_RESPONSE -> read(json, SessionRecord.ModelResponse.class);
      case SessionRecord.RETRY_SCHEDULED -> read(json, SessionRecord.RetryScheduled.class);
      case SessionRecord.CONTEXT_SUMMARY -> read(json, SessionRecord.ContextSummary.class);
      case SessionRecord.CONTEXT_SUMMARY_FAILED ->
          read(json, SessionRecord.ContextSummaryFailed.class);
      case SessionRecord.CONTEXT_EXCEEDED -> read(json, SessionRecord.ContextExceeded.class);
      case SessionRecord.RESOURCE_ADD_REQUESTED ->
          read(json, SessionRecord.ResourceAddRequested.class);
      case SessionRecord.RESOURCE_UPDATE_REQUESTED ->
          read(json, SessionRecord.ResourceUpdateRequested.class);
      case SessionRecord.RESOURCE_DELETE_REQUESTED ->
          read(json, SessionRecord.ResourceDeleteRequested.class);
      case SessionRecord.REPOSITORY_SETTLED -> read(json, SessionRecord.RepositorySettled.class);
      case SessionRecord.MCP_SERVER_SETTLED -> read(json, SessionRecord.McpServerSettled.class);
      case SessionRecord.TOOL_OUTPUT_KEPT -> read(json, SessionRecord.ToolOutputKept.class);
      default ->
          EventTypes.isKnown(type)
              ? event(type, json)
              : new SessionRecord.Unrecognized(type, mayIgnore);
    };
  }

  private static SessionRecord event(String type, byte[] json) {
    SessionEvent event = read(json, SessionEvent.class);
    if (!event.type().equals(type)) {
      throw new UncheckedIOException(new IOException("the body is a " + event.type()));
    }
    return new SessionRecord.EventRecorded(event);
  }

  private static <T> T read(byte[] json, Class<T> type) {
    T value = Json.read(json, type);
    if (value == null) {
      throw new UncheckedIOException(new IOException("the body is JSON null"));
    }
    return value;
  }

  /// The JSON of an event, as the API returns it.
  public static byte[] eventJson(SessionEvent event) {
    return Json.bytes(event);
  }

  /// The JSON of an event for readers that have seen events up to `lastEventAt`: its `processed_at`
  /// is not before that. Clients' answers and what the harness writes are stamped by two writers
  /// that may not know of each other yet, so the later record can carry the earlier time.
  public static byte[] eventJson(SessionEvent event, Instant lastEventAt) {
    Instant at = event.processedAt();
    if (at == null || !at.isBefore(lastEventAt)) {
      return eventJson(event);
    }
    ObjectNode json = Json.read(eventJson(event), ObjectNode.class);
    json.set("processed_at", Json.read(Json.bytes(lastEventAt), JsonNode.class));
    return Json.bytes(json);
  }
}
