package io.steward.sessionlog.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A JSON value of a request and where it stands, such as `events[0].content[1].text`. Reads
/// without coercion and refuses in sentences.
///
/// @param node null when the field is missing
public record Field(String path, @Nullable JsonNode node) {
  private static final int SHOWN_CHARS_MAX = 80;

  /// The field of that name in this object.
  ///
  /// @throws ApiException 400 when this is no object
  public Field field(String name) {
    if (node == null || !node.isObject()) {
      throw refused("must be an object");
    }
    return new Field(path.isEmpty() ? name : path + "." + name, node.get(name));
  }

  /// Whether there is no value, or null.
  public boolean absent() {
    return node == null || node.isNull();
  }

  /// The elements of this array.
  ///
  /// @throws ApiException 400 when this is no array, or has too few or too many elements
  public List<Field> elements(int min, int max) {
    if (node == null || !node.isArray()) {
      throw refused("must be an array");
    }
    if (node.size() < min || node.size() > max) {
      throw new ApiException(
          ApiError.invalid(
              "`%s` has %,d entries, but must have %,d to %,d."
                  .formatted(path, node.size(), min, max)));
    }
    List<Field> elements = new ArrayList<>(node.size());
    for (int i = 0; i < node.size(); i++) {
      elements.add(new Field(path + "[" + i + "]", node.get(i)));
    }
    return elements;
  }

  /// A text of `min` to `max` characters.
  public String text(int min, int max) {
    if (node == null || !node.isTextual()) {
      throw refused("must be a string");
    }
    String text = node.textValue();
    int chars = text.codePointCount(0, text.length());
    if (chars < min || chars > max) {
      throw new ApiException(
          ApiError.invalid(
              max == Integer.MAX_VALUE
                  ? "`%s` has %,d characters, but must have at least %,d."
                      .formatted(path, chars, min)
                  : "`%s` has %,d characters, but must have %,d to %,d."
                      .formatted(path, chars, min, max)));
    }
    return text;
  }

  /// A text of at least one character.
  public String text() {
    return text(1, Integer.MAX_VALUE);
  }

  /// A text of any length, or null.
  public @Nullable String optionalText(int max) {
    return absent() ? null : text(0, max);
  }

  /// True, false or null.
  public @Nullable Boolean optionalFlag() {
    return absent() ? null : (Boolean) flag();
  }

  /// True or false.
  public boolean flag() {
    if (node == null || !node.isBoolean()) {
      throw refused("must be true or false");
    }
    return node.booleanValue();
  }

  /// 400 about this value.
  public ApiException refused(String rule) {
    return new ApiException(
        ApiError.invalid("`" + path + "` is " + shown() + ", but " + rule + "."));
  }

  private String shown() {
    if (node == null) {
      return "missing";
    }
    if (node.isContainerNode()) {
      return node.isObject() ? "an object" : "an array";
    }
    String json = node.toString();
    return json.length() <= SHOWN_CHARS_MAX ? json : json.substring(0, SHOWN_CHARS_MAX) + "…";
  }
}
