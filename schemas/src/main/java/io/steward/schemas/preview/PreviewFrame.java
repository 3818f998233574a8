package io.steward.schemas.preview;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.steward.schemas.event.ContentBlock;

/// What an opted-in stream shows of an event to come, field for field. Source: contract/events.md
/// §5.8.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PreviewFrame.EventStart.class, name = "event_start"),
  @JsonSubTypes.Type(value = PreviewFrame.EventDelta.class, name = "event_delta")
})
public sealed interface PreviewFrame {
  /// Id of the event to come.
  String eventId();

  /// The event will come under this id.
  record EventStart(Announced event) implements PreviewFrame {
    @Override
    public String eventId() {
      return event.id();
    }
  }

  /// @param type `agent.message` or `agent.thinking`
  record Announced(String type, String id) {}

  /// A fragment of its text. Joined per index, fragments are a prefix of the final text.
  record EventDelta(String eventId, Delta delta) implements PreviewFrame {}

  /// @param type always `content_delta`
  /// @param index content slot, from 0 without gaps
  record Delta(String type, ContentBlock.Text content, int index) {
    public static Delta of(String text, int index) {
      return new Delta("content_delta", new ContentBlock.Text(text), index);
    }
  }
}
