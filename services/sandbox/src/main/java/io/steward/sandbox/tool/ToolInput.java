package io.steward.sandbox.tool;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Checks what the model gave a tool. Unknown fields are ignored, wrong types are not coerced.
public final class ToolInput {
  /// Longest time a model may ask for, in milliseconds.
  public static final long TIMEOUT_MS_MAX = 600_000;

  /// Longest path or pattern, in characters.
  static final int PATH_CHARS_MAX = 4096;

  private final String tool;
  private final JsonNode input;

  private ToolInput(String tool, JsonNode input) {
    this.tool = tool;
    this.input = input;
  }

  /// The request in `input`, or what is wrong with it.
  public static ToolRequest parse(String tool, @Nullable JsonNode input) {
    if (input == null || !input.isObject()) {
      return new ToolRequest.Invalid(tool + ": the input must be a JSON object");
    }
    try {
      return new ToolInput(tool, input).request();
    } catch (InvalidInputException e) {
      return new ToolRequest.Invalid(tool + ": " + e.getMessage());
    }
  }

  private ToolRequest request() throws InvalidInputException {
    return switch (tool) {
      case "bash" -> bash();
      case "read" -> new ToolRequest.Read(path("file_path"), viewRange());
      case "write" -> new ToolRequest.Write(path("file_path"), required("content"));
      case "edit" -> edit();
      case "glob" -> glob();
      case "grep" -> new ToolRequest.Grep(pattern(), optionalPath());
      default ->
          throw new InvalidInputException(
              "there is no such tool here; there are bash, read, write, edit, glob and grep");
    };
  }

  private ToolRequest bash() throws InvalidInputException {
    boolean restart = flag("restart");
    Optional<String> command = text("command").filter(text -> !text.isEmpty());
    if (command.isEmpty() && !restart) {
      throw new InvalidInputException("command is required");
    }
    if (command.filter(text -> text.indexOf('\0') >= 0).isPresent()) {
      throw new InvalidInputException("command must not contain NUL characters");
    }
    return new ToolRequest.Bash(command, restart, timeout());
  }

  private ToolRequest edit() throws InvalidInputException {
    String oldString = required("old_string");
    if (oldString.isEmpty()) {
      throw new InvalidInputException("old_string is required and must not be empty");
    }
    return new ToolRequest.Edit(
        path("file_path"), oldString, required("new_string"), flag("replace_all"));
  }

  private ToolRequest glob() throws InvalidInputException {
    String pattern = pattern();
    if (pattern.startsWith("/")) {
      throw new InvalidInputException(
          "absolute pattern not permitted; pass a relative pattern (and optionally path)");
    }
    for (String part : pattern.split("[\\\\/{},]", -1)) {
      if (part.equals("..")) {
        throw new InvalidInputException("\"..\" is not permitted in the pattern");
      }
    }
    return new ToolRequest.Glob(pattern, optionalPath());
  }

  private OptionalLong timeout() throws InvalidInputException {
    JsonNode value = input.get("timeout_ms");
    if (isAbsent(value)) {
      return OptionalLong.empty();
    }
    if (!value.isIntegralNumber()) {
      throw wrongType("timeout_ms", "an integer", value);
    }
    if (!value.canConvertToLong() || value.longValue() < 0 || value.longValue() > TIMEOUT_MS_MAX) {
      throw new InvalidInputException(
          "timeout_ms must be from 0 to " + TIMEOUT_MS_MAX + ", got " + value.asText());
    }
    return value.longValue() == 0 ? OptionalLong.empty() : OptionalLong.of(value.longValue());
  }

  private Optional<ToolRequest.ViewRange> viewRange() throws InvalidInputException {
    JsonNode value = input.get("view_range");
    if (isAbsent(value) || (value.isArray() && value.isEmpty())) {
      return Optional.empty();
    }
    if (!value.isArray() || value.size() != 2 || !isInt(value.get(0)) || !isInt(value.get(1))) {
      throw new InvalidInputException(
          "view_range must be [start_line, end_line], two integers, got " + shown(value));
    }
    return Optional.of(new ToolRequest.ViewRange(value.get(0).intValue(), value.get(1).intValue()));
  }

  private static boolean isInt(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt();
  }

  private String path(String field) throws InvalidInputException {
    String path = required(field);
    if (path.isEmpty()) {
      throw new InvalidInputException(field + " is required and must not be empty");
    }
    return bounded(field, path);
  }

  private Optional<String> optionalPath() throws InvalidInputException {
    Optional<String> path = text("path").filter(text -> !text.isEmpty());
    return path.isEmpty() ? path : Optional.of(bounded("path", path.get()));
  }

  private String pattern() throws InvalidInputException {
    String pattern = required("pattern");
    if (pattern.isEmpty()) {
      throw new InvalidInputException("pattern is required and must not be empty");
    }
    return bounded("pattern", pattern);
  }

  private static String bounded(String field, String text) throws InvalidInputException {
    if (text.length() > PATH_CHARS_MAX) {
      throw new InvalidInputException(
          field + " must have at most " + PATH_CHARS_MAX + " characters, got " + text.length());
    }
    if (text.indexOf('\0') >= 0) {
      throw new InvalidInputException(field + " must not contain NUL characters");
    }
    return text;
  }

  private String required(String field) throws InvalidInputException {
    return text(field).orElseThrow(() -> new InvalidInputException(field + " is required"));
  }

  private Optional<String> text(String field) throws InvalidInputException {
    JsonNode value = input.get(field);
    if (isAbsent(value)) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw wrongType(field, "a string", value);
    }
    return Optional.of(value.textValue());
  }

  private boolean flag(String field) throws InvalidInputException {
    JsonNode value = input.get(field);
    if (isAbsent(value)) {
      return false;
    }
    if (!value.isBoolean()) {
      throw wrongType(field, "a boolean", value);
    }
    return value.booleanValue();
  }

  private static boolean isAbsent(@Nullable JsonNode value) {
    return value == null || value.isNull();
  }

  private static InvalidInputException wrongType(String field, String wanted, JsonNode value) {
    return new InvalidInputException(field + " must be " + wanted + ", got " + shown(value));
  }

  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  private static final class InvalidInputException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidInputException(String message) {
      super(message);
    }
  }

  /// How long a call may take, if somebody wishes a time.
  ///
  /// @param wishedMs milliseconds; more than [#TIMEOUT_MS_MAX] counts as that
  public static Optional<Duration> timeout(@Nullable Long wishedMs) {
    return wishedMs == null || wishedMs <= 0
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(Math.min(wishedMs, TIMEOUT_MS_MAX)));
  }
}
