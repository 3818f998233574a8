package io.steward.devbox.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the demo model says to a Messages request: a pure function of the request.
///
/// It looks at the newest message of the user that has text of its own. Each of its lines that
/// starts with `$ ` is one call of the tool `bash`, one after the other; when all have a result,
/// the results are said. Every text starts with `[demo]`.
sealed interface DemoReply {
  /// The longest part of one result that is repeated, in characters.
  int RESULT_CHARS_MAX = 4_000;

  /// The turn ends with `text`.
  record Say(String text) implements DemoReply {}

  /// `bash` is to run `command`.
  ///
  /// @param index position of the line in the message, from 0
  record Run(String command, int index) implements DemoReply {}

  /// The reply to `request`, the body of `POST /v1/messages`.
  static DemoReply to(JsonNode request) {
    JsonNode messages = request.path("messages");
    int newest = newestOfUser(messages);
    if (newest < 0) {
      return new Say(introduction());
    }
    List<String> commands = commands(messages.get(newest));
    if (commands.isEmpty()) {
      return new Say(introduction());
    }
    if (!hasBash(request.path("tools"))) {
      return new Say(
          "[demo] This agent has no tool called bash, so I cannot run "
              + (commands.size() == 1 ? "that line." : "those lines."));
    }
    List<Result> results = results(messages, newest);
    if (results.size() < commands.size()) {
      return new Run(commands.get(results.size()), results.size());
    }
    return new Say(summary(commands, results));
  }

  /// The outcome of one call.
  record Result(String text, boolean isError) {}

  private static int newestOfUser(JsonNode messages) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      JsonNode message = messages.get(i);
      if (message.path("role").asText().equals("user") && !texts(message).isEmpty()) {
        return i;
      }
    }
    return -1;
  }

  private static List<String> texts(JsonNode message) {
    JsonNode content = message.path("content");
    if (content.isTextual()) {
      return List.of(content.asText());
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode block : content) {
      if (block.path("type").asText().equals("text")) {
        texts.add(block.path("text").asText());
      }
    }
    return texts;
  }

  private static List<String> commands(JsonNode message) {
    return texts(message).stream()
        .flatMap(String::lines)
        .map(String::strip)
        .filter(line -> line.startsWith("$ "))
        .map(line -> line.substring(2).strip())
        .filter(command -> !command.isEmpty())
        .toList();
  }

  private static boolean hasBash(JsonNode tools) {
    for (JsonNode tool : tools) {
      if (tool.path("name").asText().equals("bash")) {
        return true;
      }
    }
    return false;
  }

  private static List<Result> results(JsonNode messages, int newest) {
    Map<String, Result> byCall = new HashMap<>();
    List<String> calls = new ArrayList<>();
    for (int i = newest + 1; i < messages.size(); i++) {
      for (JsonNode block : messages.get(i).path("content")) {
        switch (block.path("type").asText()) {
          case "tool_use" -> calls.add(block.path("id").asText());
          case "tool_result" -> byCall.put(block.path("tool_use_id").asText(), result(block));
          default -> {} // Text between the calls is ours.
        }
      }
    }
    List<Result> results = new ArrayList<>();
    for (String call : calls) {
      @Nullable Result result = byCall.get(call);
      results.add(result == null ? new Result("(no result)", true) : result);
    }
    return results;
  }

  private static Result result(JsonNode block) {
    String text = String.join("\n", texts(block)).stripTrailing();
    return new Result(text, block.path("is_error").asBoolean(false));
  }

  private static String summary(List<String> commands, List<Result> results) {
    StringBuilder text = new StringBuilder("[demo] I ran ");
    text.append(commands.size() == 1 ? "1 command" : commands.size() + " commands");
    long failed = results.stream().filter(Result::isError).count();
    text.append(failed == 0 ? "." : "; " + failed + " failed.");
    for (int i = 0; i < commands.size(); i++) {
      Result result = results.get(i);
      text.append("\n\n$ ").append(commands.get(i)).append('\n');
      text.append(result.text().isEmpty() ? "(no output)" : shortened(result.text()));
      if (result.isError()) {
        text.append("\n(it failed)");
      }
    }
    return text.toString();
  }

  private static String shortened(String text) {
    return text.length() <= RESULT_CHARS_MAX
        ? text
        : text.substring(0, RESULT_CHARS_MAX) + "\n(shortened)";
  }

  private static String introduction() {
    return "[demo] I am the built-in demo model, not a language model. Write a line that starts"
        + " with \"$ \", such as \"$ uname -a\", and I run it with bash in this session's sandbox"
        + " and say what came out. For a real model set ANTHROPIC_API_KEY and start Steward"
        + " again.";
  }
}
