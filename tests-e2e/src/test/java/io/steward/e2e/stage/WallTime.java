package io.steward.e2e.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// The one field of a session that grows by itself, so that two reads can be compared.
public final class WallTime {
  private WallTime() {}

  /// A session, a list or anything else, without `stats.duration_seconds` wherever it is.
  public static JsonNode without(JsonNode json) {
    JsonNode copy = json.deepCopy();
    copy.findParents("duration_seconds")
        .forEach(stats -> ((ObjectNode) stats).remove("duration_seconds"));
    return copy;
  }
}
