package io.steward.vaultproxy.vault;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A JSON value of a request and where it stands, such as `auth.refresh.scope`. Reads without
/// coercion and refuses in sentences.
///
/// @param node null when the field is missing
record Field(String path, @Nullable JsonNode node) {
  /// The longest secret, in characters.
  static final int SECRET_CHARS_MAX = 65_536;

  private static final int SHOWN_CHARS_MAX = 80;
  private static final int YEAR_MAX = 9999;

  static Field body(JsonNode body) {
    return new Field("", body);
  }

  /// The field of that name in this object.
  Field field(String name) {
    requireObject();
    return new Field(
        path.isEmpty() ? name : path + "." + name, node == null ? null : node.get(name));
  }

  void requireObject() {
    if (node == null || !node.isObject()) {
      throw refused(kind(), "must be an object");
    }
  }

  /// Whether there is no value, or null.
  boolean absent() {
    return node == null || node.isNull();
  }

  /// Whether the value is null.
  boolean isNull() {
    return node != null && node.isNull();
  }

  /// A text of `min` to `max` characters.
  String text(int min, int max) {
    if (node == null || !node.isTextual()) {
      throw refused("must be a string of %,d to %,d characters".formatted(min, max));
    }
    requireLength(node.textValue(), min, max);
    return node.textValue();
  }

  /// A text as above, or null.
  @Nullable String optionalText(int min, int max) {
    return absent() ? null : text(min, max);
  }

  /// A text that is shown to nobody.
  SecretValue secret() {
    if (node == null || !node.isTextual()) {
      throw refused(kind(), "must be a string of 1 to %,d characters".formatted(SECRET_CHARS_MAX));
    }
    requireLength(node.textValue(), 1, SECRET_CHARS_MAX);
    return new SecretValue(node.textValue());
  }

  /// A secret that is sent in a header.
  SecretValue token() {
    SecretValue token = secret();
    if (!token.fitsHeader()) {
      throw new ApiException(
          ApiError.invalid(
              "`"
                  + path
                  + "` holds a character that no header can carry: it must have visible ASCII"
                  + " characters only, without spaces and line breaks."));
    }
    return token;
  }

  private void requireLength(String text, int min, int max) {
    int chars = text.codePointCount(0, text.length());
    if (chars < min || chars > max) {
      throw new ApiException(
          ApiError.invalid(
              "`%s` has %,d characters, but must have %,d to %,d."
                  .formatted(path, chars, min, max)));
    }
  }

  /// One of `allowed`.
  String choice(List<String> allowed) {
    if (node == null || !node.isTextual() || !allowed.contains(node.textValue())) {
      List<String> quoted = allowed.stream().map(word -> '"' + word + '"').toList();
      throw refused("must be one of " + String.join(", ", quoted));
    }
    return node.textValue();
  }

  /// True or false; `otherwise` when the field is missing. Null is neither.
  boolean flag(boolean otherwise) {
    if (node == null) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      throw refused("must be true or false");
    }
    return node.booleanValue();
  }

  /// A moment after `now`.
  Instant future(Instant now) {
    Instant moment =
        moment()
            .orElseThrow(
                () -> refused("must be an RFC 3339 timestamp such as 2026-11-20T10:00:00Z"));
    if (!moment.isAfter(now)) {
      throw refused("must lie in the future");
    }
    return moment;
  }

  private Optional<Instant> moment() {
    if (node == null || !node.isTextual()) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(node.textValue()))
          .filter(moment -> moment.withOffsetSameInstant(ZoneOffset.UTC).getYear() <= YEAR_MAX)
          .map(OffsetDateTime::toInstant);
    } catch (DateTimeException _) {
      return Optional.empty(); // No timestamp, or one beyond all years.
    }
  }

  /// The elements of this array, of which there are at most `max`.
  List<Field> elements(int max) {
    if (node == null || !node.isArray()) {
      throw refused(kind(), "must be an array");
    }
    if (node.size() > max) {
      throw new ApiException(
          ApiError.invalid(
              "`%s` has %,d entries, but may have at most %,d.".formatted(path, node.size(), max)));
    }
    List<Field> elements = new ArrayList<>(node.size());
    for (int i = 0; i < node.size(); i++) {
      elements.add(new Field(path + "." + i, node.get(i)));
    }
    return elements;
  }

  /// Refuses every value: what it stands for was settled when the credential was made.
  void requireUnchanged() {
    if (!absent()) {
      throw refused("cannot be changed: archive this credential and create another one");
    }
  }

  /// 400 about this value.
  ApiException refused(String rule) {
    return refused(shown(), rule);
  }

  /// 400 about this value, which is not shown.
  ApiException unusable(String rule) {
    return refused(kind(), rule);
  }

  private ApiException refused(String shown, String rule) {
    return new ApiException(
        ApiError.invalid(
            (path.isEmpty() ? "The body" : "`" + path + "`")
                + " is "
                + shown
                + ", but "
                + rule
                + "."));
  }

  private String shown() {
    if (node == null || node.isContainerNode()) {
      return kind();
    }
    String json = node.toString();
    return json.length() <= SHOWN_CHARS_MAX ? json : json.substring(0, SHOWN_CHARS_MAX) + "…";
  }

  /// What it is, where the value itself may be a secret.
  private String kind() {
    if (node == null) {
      return "missing";
    }
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case MISSING, BINARY, POJO -> "missing";
    };
  }
}
