package io.steward.harness.model.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.IdSource;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/// The ids of calls in a conversation. Some servers number the calls of each reply from 0, or leave
/// ids out.
final class CallIds {
  /// What every provider takes back.
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_-]{1,40}");

  private final Set<String> used;

  private CallIds(Set<String> used) {
    this.used = used;
  }

  static CallIds in(JsonNode messages) {
    Set<String> used = new HashSet<>();
    for (JsonNode message : messages) {
      for (JsonNode block : message.path("content")) {
        if (block.path("type").asText().equals("tool_use")) {
          used.add(block.path("id").asText());
        }
      }
    }
    return new CallIds(used);
  }

  /// `given` where it can be used, else a new id.
  String claim(String given, IdSource ids) {
    String id = given;
    while (!VALID.matcher(id).matches() || !used.add(id)) {
      id = ids.next("call_");
    }
    return id;
  }
}
