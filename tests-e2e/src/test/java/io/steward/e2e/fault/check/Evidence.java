package io.steward.e2e.fault.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// Everything that is known about one session when it should be done.
///
/// @param label what kind of session it is, for messages
/// @param events the list, ascending and complete, as JSON
/// @param session the answer of `GET`
/// @param connections for each stream that was open: what arrived on it, in order
/// @param followed what a client has that reconnects as the SDKs do, in its order
/// @param prompts the bodies of the model's requests, in the order of arrival
/// @param refusals what the model had to refuse, in words
/// @param isCompacted whether older messages may be missing in later prompts
/// @param hits when something was away while the session lived
public record Evidence(
    String label,
    List<JsonNode> events,
    JsonNode session,
    List<Sent> sends,
    List<List<JsonNode>> connections,
    List<JsonNode> followed,
    List<JsonNode> prompts,
    List<String> refusals,
    boolean isCompacted,
    List<Hit> hits) {

  /// The listed events of this type, in order.
  List<JsonNode> events(String type) {
    return events.stream().filter(event -> type(event).equals(type)).toList();
  }

  static String type(JsonNode event) {
    return event.path("type").asText();
  }

  static String id(JsonNode event) {
    return event.path("id").asText();
  }

  /// The texts of an event's or block's content, joined.
  static String text(JsonNode holder) {
    JsonNode content = holder.path("content");
    if (content.isTextual()) {
      return content.asText();
    }
    StringBuilder text = new StringBuilder();
    content.forEach(block -> text.append(block.path("text").asText()));
    return text.toString();
  }
}
