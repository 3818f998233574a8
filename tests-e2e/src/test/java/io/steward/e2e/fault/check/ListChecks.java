package io.steward.e2e.fault.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The list by itself: unique ids, time that never goes back, spans that end, and an end.
final class ListChecks {
  private ListChecks() {}

  static List<String> violations(Evidence evidence) {
    List<String> found = new ArrayList<>();
    checkIdsAndTimes(evidence, found);
    checkSpans(evidence, found);
    checkEnd(evidence, found);
    return found;
  }

  private static void checkIdsAndTimes(Evidence evidence, List<String> found) {
    Set<String> ids = new HashSet<>();
    Instant latest = Instant.EPOCH;
    for (JsonNode event : evidence.events()) {
      if (!ids.add(Evidence.id(event))) {
        found.add("the id " + Evidence.id(event) + " is listed twice");
      }
      if (event.path("processed_at").isTextual()) {
        Instant at = Instant.parse(event.path("processed_at").asText());
        if (at.isBefore(latest)) {
          found.add("processed_at goes back from " + latest + " to " + event);
        }
        latest = at;
      }
    }
  }

  private static void checkSpans(Evidence evidence, List<String> found) {
    Map<String, Integer> ends = new HashMap<>();
    Set<String> open = new HashSet<>();
    for (JsonNode event : evidence.events()) {
      if (Evidence.type(event).equals("span.model_request_start")) {
        if (!open.isEmpty()) {
          found.add("two model requests at once: " + event);
        }
        open.add(Evidence.id(event));
      } else if (Evidence.type(event).equals("span.model_request_end")) {
        String start = event.path("model_request_start_id").asText();
        if (!open.remove(start)) {
          found.add("the end of no open model request: " + event);
        }
        ends.merge(start, 1, Integer::sum);
      }
    }
    if (!open.isEmpty()) {
      found.add("model requests without an end: " + open);
    }
    ends.forEach((start, count) -> {
      if (count > 1) {
        found.add("the model request " + start + " ends " + count + " times");
      }
    });
  }

  private static void checkEnd(Evidence evidence, List<String> found) {
    if (evidence.events().isEmpty()) {
      found.add("the list is empty");
      return;
    }
    JsonNode last = evidence.events().getLast();
    if (!Evidence.type(last).equals("session.status_idle")
        || !last.at("/stop_reason/type").asText().equals("end_turn")) {
      found.add("the list does not end with the end of a turn but with " + last);
    }
    for (JsonNode error : evidence.events("session.error")) {
      if (!error.at("/error/retry_status/type").asText().equals("retrying")) {
        found.add("a turn was given up: " + error);
      }
    }
  }
}
