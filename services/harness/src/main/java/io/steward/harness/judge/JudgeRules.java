package io.steward.harness.judge;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.Evaluation.Judgement;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Judges by plain rules, for a server without a judge model: what surely does no harm is allowed,
/// what plainly does is denied, and a person is asked about everything else.
public final class JudgeRules implements Judge {
  /// A pattern of which an alternative begins at the root or a home, or has a name of dots alone.
  private static final Pattern LEADS_AWAY =
      Pattern.compile("(^|[{,(|])[/~]|(^|[/{},()|\\[\\]])\\.+([/{},()|\\[\\]]|$)|\\\\");

  private final int inputCharsMax;

  /// @param inputCharsMax a person is asked about calls with a longer input
  public JudgeRules(int inputCharsMax) {
    if (inputCharsMax < 1) {
      throw new IllegalArgumentException(
          "steward.judge.input-chars-max is " + inputCharsMax + "; it must be at least 1");
    }
    this.inputCharsMax = inputCharsMax;
  }

  @Override
  public Map<String, Judgement> judge(List<JudgedCall> calls) {
    return calls.stream().collect(Collectors.toMap(JudgedCall::id, this::judge));
  }

  private Judgement judge(JudgedCall call) {
    JsonNode input = call.input();
    return switch (call.tool()) {
      case "read" -> path(input.path("file_path"), WorkPaths::mayRead);
      case "glob" -> goesDown(input.path("pattern")) ? search(input) : Verdict.ASK;
      case "grep" -> search(input);
      case "write", "edit" -> path(input.path("file_path"), WorkPaths::mayWrite);
      case "bash" -> bash(input);
      default -> Verdict.ASK;
    };
  }

  /// A search without a path is one of the workspace.
  private Judgement search(JsonNode input) {
    JsonNode path = input.path("path");
    boolean isAbsent =
        path.isMissingNode() || path.isNull() || (path.isTextual() && path.asText().isEmpty());
    return isAbsent && input.isObject() ? Verdict.ALLOW : path(path, WorkPaths::mayRead);
  }

  private Judgement path(JsonNode path, Predicate<String> allowed) {
    if (!path.isTextual() || path.asText().length() > inputCharsMax) {
      return Verdict.ASK;
    }
    if (namesCredentials(path.asText())) {
      return Verdict.HIGH_RISK;
    }
    return allowed.test(path.asText()) ? Verdict.ALLOW : Verdict.ASK;
  }

  private boolean goesDown(JsonNode pattern) {
    return pattern.isTextual()
        && pattern.asText().length() <= inputCharsMax
        && !LEADS_AWAY.matcher(pattern.asText()).find();
  }

  private Judgement bash(JsonNode input) {
    JsonNode command = input.path("command");
    if (command.isMissingNode() && input.path("restart").asBoolean()) {
      return Verdict.ALLOW;
    }
    if (!command.isTextual() || command.asText().length() > inputCharsMax) {
      return Verdict.ASK;
    }
    String text = command.asText();
    List<String> words = ShellWords.of(text).orElse(List.of());
    if (namesCredentials(text) || words.stream().anyMatch(JudgeRules::namesCredentials)) {
      return Verdict.HIGH_RISK;
    }
    if (!words.isEmpty() && PlainCommand.isHarmless(words)) {
      return Verdict.ALLOW;
    }
    return CommandRisk.isHigh(text) ? Verdict.HIGH_RISK : Verdict.ASK;
  }

  /// However the path in it is spelled.
  private static boolean namesCredentials(String text) {
    return CommandRisk.namesCredentials(text)
        || CommandRisk.namesCredentials(WorkPaths.normal(text));
  }
}
