package io.steward.e2e.fault.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the model was shown is what is listed, and nothing it was shown disappears again.
final class TranscriptChecks {
  /// Longer results may be shortened for the model; so much of them must be the same.
  private static final int COMPARED_CHARACTERS = 1_000;

  private TranscriptChecks() {}

  static List<String> violations(Evidence evidence) {
    List<String> found = new ArrayList<>();
    evidence.refusals().forEach(refusal -> found.add("the model refused " + refusal));
    Map<String, JsonNode> results = new HashMap<>();
    for (JsonNode call : ToolChecks.calls(evidence)) {
      ToolChecks.results(evidence, call).forEach(result -> results.put(Marks.ofCall(call), result));
    }
    List<String> shownBefore = List.of();
    for (JsonNode prompt : evidence.prompts()) {
      checkResults(prompt, results, found);
      List<String> shown = shown(prompt);
      if (!evidence.isCompacted() && !startsWith(shown, shownBefore)) {
        found.add("the conversation was " + shownBefore + " and then " + shown);
      }
      shownBefore = shown;
    }
    return found.stream().distinct().toList();
  }

  private static void checkResults(
      JsonNode prompt, Map<String, JsonNode> results, List<String> found) {
    Map<String, String> marks = new HashMap<>();
    for (JsonNode message : prompt.path("messages")) {
      for (JsonNode block : message.path("content")) {
        if (Evidence.type(block).equals("tool_use")) {
          marks.put(Evidence.id(block), Marks.ofCall(block));
        } else if (Evidence.type(block).equals("tool_result")) {
          String mark = marks.getOrDefault(block.path("tool_use_id").asText(), "");
          JsonNode listed = results.get(mark);
          if (listed == null) {
            found.add("the model read a result of " + mark + " that is not listed: " + block);
          } else if (!isSame(block, listed)) {
            found.add("the model read " + block + " but listed is " + listed);
          }
        }
      }
    }
  }

  private static boolean isSame(JsonNode read, JsonNode listed) {
    return begin(Evidence.text(read)).equals(begin(Evidence.text(listed)))
        && read.path("is_error").asBoolean() == listed.path("is_error").asBoolean();
  }

  private static String begin(String text) {
    return text.substring(0, Math.min(COMPARED_CHARACTERS, text.length()));
  }

  /// What each block of the conversation is about, in order.
  private static List<String> shown(JsonNode prompt) {
    List<String> shown = new ArrayList<>();
    for (JsonNode message : prompt.path("messages")) {
      String role = message.path("role").asText();
      JsonNode content = message.path("content");
      if (content.isTextual()) {
        shown.add(role + " " + content.asText());
      }
      for (JsonNode block : content) {
        String about =
            switch (Evidence.type(block)) {
              case "text" -> block.path("text").asText();
              case "tool_use" -> Marks.ofCall(block);
              case "tool_result" -> "result of " + block.path("tool_use_id").asText();
              default -> Evidence.type(block);
            };
        shown.add(role + " " + about);
      }
    }
    return shown;
  }

  private static boolean startsWith(List<String> list, List<String> begin) {
    return list.size() >= begin.size() && list.subList(0, begin.size()).equals(begin);
  }
}
