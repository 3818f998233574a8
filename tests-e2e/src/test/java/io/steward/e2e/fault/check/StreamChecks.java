package io.steward.e2e.fault.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A client that reconnects as the SDKs do has every listed event and no other, and each stream
/// showed its events once and in the order of the list.
final class StreamChecks {
  private StreamChecks() {}

  static List<String> violations(Evidence evidence) {
    List<String> found = new ArrayList<>();
    Map<String, Integer> places = new HashMap<>();
    for (JsonNode event : evidence.events()) {
      places.put(Evidence.id(event), places.size());
    }
    Set<String> followed = new HashSet<>();
    evidence.followed().forEach(event -> followed.add(Evidence.id(event)));
    for (JsonNode event : evidence.events()) {
      if (!followed.contains(Evidence.id(event))) {
        found.add("listed, but missed by a client that reconnects: " + event);
      }
    }
    for (JsonNode event : evidence.followed()) {
      if (!places.containsKey(Evidence.id(event))) {
        found.add("streamed, but not listed: " + event);
      }
    }
    evidence.connections().forEach(stream -> checkOrder(stream, places, found));
    return found;
  }

  private static void checkOrder(
      List<JsonNode> stream, Map<String, Integer> places, List<String> found) {
    int before = -1;
    for (JsonNode event : stream) {
      Integer place = places.get(Evidence.id(event));
      // An event that waits to be processed is streamed, too; it has its place only later.
      if (place == null || event.path("processed_at").isNull()) {
        continue;
      }
      if (place == before) {
        found.add("streamed twice: " + event);
      } else if (place < before) {
        found.add("streamed after what follows it in the list: " + event);
      }
      before = Math.max(before, place);
    }
  }
}
