package io.steward.e2e.fault.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The session as `GET` answers it is what follows from its list.
final class FoldChecks {
  private static final Map<String, String> STATUS =
      Map.of(
          "session.status_running", "running",
          "session.status_idle", "idle",
          "session.status_rescheduled", "rescheduling",
          "session.status_terminated", "terminated");
  private static final List<String> SUMMED =
      List.of("input_tokens", "output_tokens", "cache_read_input_tokens");

  private FoldChecks() {}

  static List<String> violations(Evidence evidence) {
    List<String> found = new ArrayList<>();
    String status = "idle";
    for (JsonNode event : evidence.events()) {
      status = STATUS.getOrDefault(Evidence.type(event), status);
    }
    if (!evidence.session().path("status").asText().equals(status)) {
      found.add("GET says " + evidence.session().path("status") + " and the list " + status);
    }
    JsonNode usage = evidence.session().path("usage");
    List<JsonNode> snapshots = evidence.events("session.usage");
    for (String field : SUMMED) {
      long sum = 0;
      for (JsonNode end : evidence.events("span.model_request_end")) {
        sum += end.at("/model_usage/" + field).asLong();
      }
      // What a compaction costs counts, but has no span.
      if (evidence.events("agent.thread_context_compacted").isEmpty()) {
        compare(field, sum, "the requests add up to", usage, found);
      }
      if (!snapshots.isEmpty()) {
        JsonNode last = snapshots.getLast().path("usage");
        compare(field, last.path(field).asLong(), "the last snapshot says", usage, found);
      }
    }
    return found;
  }

  private static void compare(
      String field, long expected, String origin, JsonNode usage, List<String> found) {
    if (usage.path(field).asLong() != expected) {
      found.add("GET says " + field + " " + usage.path(field) + " but " + origin + " " + expected);
    }
  }
}
