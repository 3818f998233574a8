package io.steward.e2e.fault.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What was acknowledged is listed exactly once, what may have failed at most once, and nothing is
/// listed that nobody sent.
final class SendChecks {
  private static final Set<String> ANSWERS =
      Set.of("user.tool_confirmation", "user.custom_tool_result");

  private SendChecks() {}

  static List<String> violations(Evidence evidence) {
    List<String> found = new ArrayList<>();
    Set<String> sent = new HashSet<>();
    for (Sent attempt : evidence.sends()) {
      if (attempt.fate() == Sent.Fate.REFUSED && !mayHaveChanged(evidence, attempt)) {
        found.add("refused for good: " + attempt.type() + " " + attempt.tokens());
      }
      for (int i = 0; i < attempt.tokens().size(); i++) {
        String token = attempt.tokens().get(i);
        sent.add(token);
        checkToken(evidence, attempt, i, token, found);
      }
    }
    for (JsonNode event : evidence.events()) {
      boolean fromClient =
          Evidence.type(event).startsWith("user.") || Evidence.type(event).equals("system.message");
      if (fromClient && sent.stream().noneMatch(token -> carries(event, token))) {
        found.add("nobody sent " + event);
      }
    }
    return found;
  }

  /// Whether an attempt before this one got no answer: it may have been carried out, and then this
  /// one is not welcome any more.
  private static boolean mayHaveChanged(Evidence evidence, Sent refused) {
    return evidence.sends().stream()
        .takeWhile(attempt -> !attempt.equals(refused))
        .anyMatch(attempt ->
            attempt.type().equals(refused.type()) && attempt.fate() == Sent.Fate.UNKNOWN);
  }

  private static void checkToken(
      Evidence evidence, Sent attempt, int index, String token, List<String> found) {
    List<JsonNode> listed =
        evidence.events(attempt.type()).stream().filter(event -> carries(event, token)).toList();
    if (listed.size() > 1) {
      found.add(attempt.type() + " " + token + " is listed " + listed.size() + " times");
    }
    if (attempt.fate() == Sent.Fate.ACKNOWLEDGED) {
      if (listed.isEmpty()) {
        found.add("acknowledged but not listed: " + attempt.type() + " " + token);
      } else if (!Evidence.id(listed.getFirst()).equals(attempt.ids().get(index))) {
        found.add(
            "acknowledged as " + attempt.ids().get(index) + " but listed as " + listed.getFirst());
      }
    }
  }

  private static boolean carries(JsonNode event, String token) {
    if (ANSWERS.contains(Evidence.type(event))) {
      return event.path("tool_use_id").asText().equals(token)
          || event.path("custom_tool_use_id").asText().equals(token);
    }
    return Evidence.text(event).contains(token);
  }
}
