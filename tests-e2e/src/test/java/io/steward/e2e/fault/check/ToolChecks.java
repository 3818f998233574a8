package io.steward.e2e.fault.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Each call has exactly one result after it, ran at most once, and its outcome is unknown only
/// where a fault hit it.
final class ToolChecks {
  private static final String UNKNOWN = "The outcome of this command is unknown because ";

  private ToolChecks() {}

  static List<String> violations(Evidence evidence) {
    List<String> found = new ArrayList<>();
    Map<String, Integer> calls = new HashMap<>();
    for (JsonNode call : calls(evidence)) {
      calls.merge(Marks.ofCall(call), 1, Integer::sum);
      checkResults(evidence, call, found);
    }
    calls.forEach((mark, count) -> {
      if (count > 1 && !mark.isEmpty()) {
        found.add("the model's call " + mark + " is listed " + count + " times");
      }
    });
    checkLedger(evidence, found);
    return found;
  }

  /// The results that say that the outcome of their call is unknown.
  static List<JsonNode> unknown(Evidence evidence) {
    return evidence.events("agent.tool_result").stream().filter(ToolChecks::isUnknown).toList();
  }

  /// The calls of a session, in order.
  static List<JsonNode> calls(Evidence evidence) {
    List<JsonNode> calls = new ArrayList<>(evidence.events("agent.tool_use"));
    calls.addAll(evidence.events("agent.custom_tool_use"));
    return calls;
  }

  /// The results of a call, in order.
  static List<JsonNode> results(Evidence evidence, JsonNode call) {
    boolean custom = Evidence.type(call).equals("agent.custom_tool_use");
    String field = custom ? "custom_tool_use_id" : "tool_use_id";
    return evidence.events(custom ? "user.custom_tool_result" : "agent.tool_result").stream()
        .filter(result -> result.path(field).equals(call.path("id")))
        .toList();
  }

  private static void checkResults(Evidence evidence, JsonNode call, List<String> found) {
    List<JsonNode> results = results(evidence, call);
    if (results.size() != 1) {
      found.add(results.size() + " results of the call " + call);
      return;
    }
    JsonNode result = results.getFirst();
    if (evidence.events().indexOf(result) < evidence.events().indexOf(call)) {
      found.add("a result before its call: " + result);
    }
    if (isUnknown(result)) {
      if (evidence.hits().stream().noneMatch(hit -> hit(hit, call, result))) {
        found.add("unknown, though no fault hit it: " + result);
      }
    } else if (result.path("is_error").asBoolean()) {
      found.add("a call that failed: " + result);
    }
  }

  private static boolean isUnknown(JsonNode result) {
    return result.path("is_error").asBoolean() && Evidence.text(result).startsWith(UNKNOWN);
  }

  private static boolean hit(Hit hit, JsonNode call, JsonNode result) {
    return hit.endsCalls()
        && !Instant.parse(call.path("processed_at").asText()).isAfter(hit.until())
        && !Instant.parse(result.path("processed_at").asText()).isBefore(hit.from());
  }

  private static void checkLedger(Evidence evidence, List<String> found) {
    List<JsonNode> calls = evidence.events("agent.tool_use");
    List<JsonNode> readings =
        calls.stream()
            .filter(call -> Marks.latest(Marks.ofCall(call)) == Marks.LEDGER)
            .flatMap(call -> results(evidence, call).stream())
            .toList();
    if (readings.isEmpty()) {
      found.add("the ledger was not read");
      return;
    }
    List<String> lines = Marks.all(Evidence.text(readings.getLast()));
    List<String> expected = new ArrayList<>();
    for (JsonNode call : calls) {
      String mark = Marks.appended(call);
      if (mark.isEmpty()) {
        continue;
      }
      expected.add(mark);
      long count = lines.stream().filter(mark::equals).count();
      boolean failed =
          results(evidence, call).stream().anyMatch(r -> r.path("is_error").asBoolean());
      if (count > 1) {
        found.add("the call " + mark + " ran " + count + " times: " + lines);
      } else if (count == 0 && !failed) {
        found.add("the call " + mark + " succeeded, but its line is gone: " + lines);
      }
    }
    lines.stream()
        .filter(line -> !expected.contains(line))
        .forEach(line -> found.add("the ledger has a line of no listed call: " + line));
  }
}
