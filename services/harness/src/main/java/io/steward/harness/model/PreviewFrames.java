package io.steward.harness.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.schemas.preview.PreviewFrame;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What of a reply can be shown while it streams. Follows the rules by which the reply becomes
/// events later: the ids announced here are theirs, and a content slot is a block of the message.
public final class PreviewFrames {
  private static final String TEXT = "text";
  private static final int NONE = -1;

  private final IdSource ids;
  private final Map<Integer, String> announced = new HashMap<>();

  /// Type of the newest block that the reply keeps; a text counts once something of it can be seen.
  private String previous = "";

  private int textBlock = NONE;
  private final StringBuilder held = new StringBuilder();
  private boolean shown;
  private String messageId = "";
  private int slot;

  public PreviewFrames(IdSource ids) {
    this.ids = ids;
  }

  /// Ids of announced events by the index of the block they begin with.
  public Map<Integer, String> announced() {
    return Map.copyOf(announced);
  }

  /// What one event of the stream adds, in order; mostly one frame or none.
  public List<PreviewFrame> add(JsonNode event) {
    int index = event.path("index").asInt();
    return switch (event.path("type").asText()) {
      case "content_block_start" -> begin(index, event.path("content_block"));
      case "content_block_delta" -> {
        JsonNode delta = event.path("delta");
        yield index == textBlock && delta.path("type").asText().equals("text_delta")
            ? show(delta.path(TEXT).asText())
            : List.of();
      }
      default -> List.of();
    };
  }

  private List<PreviewFrame> begin(int index, JsonNode block) {
    String type = block.path("type").asText();
    if (type.equals(TEXT)) {
      textBlock = index;
      held.setLength(0);
      shown = false;
      return show(block.path(TEXT).asText());
    }
    textBlock = NONE;
    boolean continues = ReplyDecisions.isSameEvent(previous, type);
    previous = type;
    return type.endsWith("thinking") && !continues
        ? List.of(announce(index, "agent.thinking"))
        : List.of();
  }

  /// A block without a visible character is left out of the message, so it is held back till then.
  private List<PreviewFrame> show(String text) {
    if (shown) {
      return text.isEmpty() ? List.of() : List.of(delta(text));
    }
    held.append(text);
    if (held.toString().isBlank()) {
      return List.of();
    }
    shown = true;
    boolean continues = ReplyDecisions.isSameEvent(previous, TEXT);
    previous = TEXT;
    if (continues) {
      slot++;
      return List.of(delta(held.toString()));
    }
    slot = 0;
    PreviewFrame start = announce(textBlock, "agent.message");
    messageId = start.eventId();
    return List.of(start, delta(held.toString()));
  }

  private PreviewFrame announce(int index, String type) {
    String id = ids.next("sevt_");
    announced.put(index, id);
    return new PreviewFrame.EventStart(new PreviewFrame.Announced(type, id));
  }

  private PreviewFrame delta(String text) {
    return new PreviewFrame.EventDelta(messageId, PreviewFrame.Delta.of(text, slot));
  }
}
