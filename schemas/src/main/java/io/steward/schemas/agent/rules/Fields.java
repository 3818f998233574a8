package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// One JSON object of a request and where in the body it stands. Reads fields without coercion and
/// refuses in sentences. `null` and a missing field read the same; [#has(String)] tells them apart.
final class Fields {
  private static final int SHOWN_CHARS_MAX = 80;

  private final ObjectNode node;
  private final String path;

  private Fields(ObjectNode node, String path) {
    this.node = node;
    this.path = path;
  }

  static Fields body(@Nullable JsonNode body) {
    if (body instanceof ObjectNode object) {
      return new Fields(object, "");
    }
    throw new ApiException(
        ApiError.invalid("The body is " + shown(body) + ", but must be a JSON object."));
  }

  /// The object that stands at `path`.
  static Fields at(@Nullable JsonNode node, String path) {
    if (node instanceof ObjectNode object) {
      return new Fields(object, path);
    }
    throw refusal(path, node, "must be an object");
  }

  ObjectNode node() {
    return node;
  }

  /// Whether the field was sent, be it as null.
  boolean has(String field) {
    return node.has(field);
  }

  /// Whether the field was sent as null.
  boolean isNull(String field) {
    return node.path(field).isNull();
  }

  /// The value, or null when the field is missing or null.
  @Nullable JsonNode value(String field) {
    JsonNode value = node.get(field);
    return value == null || value.isNull() ? null : value;
  }

  String path(String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  /// A text of up to `charsMax` characters, or null.
  @Nullable String text(String field, int charsMin, int charsMax) {
    JsonNode value = value(field);
    return value == null ? null : text(value, path(field), charsMin, charsMax);
  }

  String requiredText(String field, int charsMin, int charsMax) {
    String text = text(field, charsMin, charsMax);
    if (text == null) {
      throw refusal(field, "must be a string" + lengthRule(charsMin, charsMax));
    }
    return text;
  }

  static String text(JsonNode value, String path, int charsMin, int charsMax) {
    if (!value.isTextual()) {
      throw refusal(path, value, "must be a string");
    }
    String text = value.textValue();
    int chars = text.codePointCount(0, text.length());
    if (chars < charsMin || chars > charsMax) {
      throw new ApiException(
          ApiError.invalid(
              "`%s` has %,d characters, but must have %,d to %,d."
                  .formatted(path, chars, charsMin, charsMax)));
    }
    return text;
  }

  private static String lengthRule(int charsMin, int charsMax) {
    return charsMax == Integer.MAX_VALUE
        ? ""
        : " of %,d to %,d characters".formatted(charsMin, charsMax);
  }

  @Nullable Boolean flag(String field) {
    JsonNode value = value(field);
    if (value != null && !value.isBoolean()) {
      throw refusal(field, "must be true or false");
    }
    return value == null ? null : value.booleanValue();
  }

  boolean flag(String field, boolean otherwise) {
    Boolean flag = flag(field);
    return flag == null ? otherwise : flag;
  }

  @Nullable Integer positive(String field) {
    JsonNode value = value(field);
    if (value == null) {
      return null;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
      throw refusal(field, "must be a whole number from 1 to 2147483647");
    }
    return value.intValue();
  }

  /// One of `allowed`, or null when the field is missing or null.
  @Nullable String choice(String field, List<String> allowed) {
    JsonNode value = value(field);
    if (value == null) {
      return null;
    }
    if (!value.isTextual() || !allowed.contains(value.textValue())) {
      throw refusal(field, "must be " + alternatives(allowed));
    }
    return value.textValue();
  }

  String requiredChoice(String field, List<String> allowed) {
    String choice = choice(field, allowed);
    if (choice == null) {
      throw refusal(field, "must be " + alternatives(allowed));
    }
    return choice;
  }

  private static String alternatives(List<String> allowed) {
    List<String> quoted = allowed.stream().map(word -> '"' + word + '"').toList();
    return allowed.size() == 1 ? quoted.getFirst() : "one of " + String.join(", ", quoted);
  }

  /// The object in the field, or null when it is missing or null.
  @Nullable Fields object(String field) {
    JsonNode value = value(field);
    return value == null ? null : at(value, path(field));
  }

  Fields requiredObject(String field) {
    return at(node.get(field), path(field));
  }

  /// Each element of the array read by `read`, which also gets its path. Missing and null read as
  /// an empty list.
  <T> List<T> list(String field, int countMax, BiFunction<JsonNode, String, T> read) {
    JsonNode value = value(field);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw refusal(field, "must be an array");
    }
    if (value.size() > countMax) {
      throw new ApiException(
          ApiError.invalid(
              "`%s` has %,d entries, but may have at most %,d."
                  .formatted(path(field), value.size(), countMax)));
    }
    List<T> list = new ArrayList<>(value.size());
    for (int i = 0; i < value.size(); i++) {
      list.add(read.apply(value.get(i), path(field) + "." + i));
    }
    return List.copyOf(list);
  }

  /// An error about a field: what it is, but what it must be.
  ApiException refusal(String field, String rule) {
    return refusal(path(field), node.get(field), rule);
  }

  static ApiException refusal(String path, @Nullable JsonNode value, String rule) {
    return new ApiException(
        ApiError.invalid("`" + path + "` is " + shown(value) + ", but " + rule + "."));
  }

  /// A value as an error shows it: JSON, cut when it is long.
  static String shown(@Nullable JsonNode value) {
    if (value == null || value.isMissingNode()) {
      return "missing";
    }
    if (value.isObject() || value.isArray()) {
      return value.isObject() ? "an object" : "an array";
    }
    return shown(value.toString());
  }

  /// A text as an error shows it: cut when it is long.
  static String shown(String text) {
    return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "…";
  }
}
