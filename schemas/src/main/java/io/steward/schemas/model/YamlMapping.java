package io.steward.schemas.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One mapping of a catalog file and where it stands. Reads keys without coercion and refuses in
/// sentences. A key without a value reads like a missing one.
///
/// @param path from the top of the file, such as `models.3`; empty for the top
/// @param owner what the mapping is about, such as ` of claude-x`; empty when the path says it
record YamlMapping(ObjectNode node, String path, String owner) {
  private static final int TEXT_CHARS_MAX = 256;
  private static final int SHOWN_CHARS_MAX = 80;
  private static final int PRICE_DIGITS_MAX = 9;
  private static final BigDecimal PRICE_MAX = BigDecimal.valueOf(1_000_000);

  static YamlMapping of(@Nullable JsonNode node, String path, String owner)
      throws CatalogException {
    if (node instanceof ObjectNode mapping) {
      return new YamlMapping(mapping, path, owner);
    }
    String subject = path.isEmpty() ? "the file" : "`" + path + "`" + owner;
    throw new CatalogException(subject + " is " + shown(node) + ", but must be a mapping.");
  }

  /// Refuses keys that mean nothing here. Their values are not shown: one may be a key.
  void requireKnown(List<String> keys) throws CatalogException {
    for (var entry : node.properties()) {
      if (!keys.contains(entry.getKey())) {
        throw new CatalogException(
            "`%s`%s is not known here; known are %s."
                .formatted(path(entry.getKey()), owner, String.join(", ", keys)));
      }
    }
  }

  @Nullable JsonNode value(String key) {
    JsonNode value = node.get(key);
    return value == null || value.isNull() ? null : value;
  }

  String text(String key) throws CatalogException {
    String text = optionalText(key);
    if (text == null) {
      throw refusal(key, "must be a text");
    }
    return text;
  }

  @Nullable String optionalText(String key) throws CatalogException {
    JsonNode value = value(key);
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      throw refusal(key, "must be a text; put it in quotes");
    }
    String text = value.textValue();
    if (text.isBlank() || text.length() > TEXT_CHARS_MAX || hasControls(text)) {
      throw refusal(key, "must have 1 to " + TEXT_CHARS_MAX + " characters on one line");
    }
    return text;
  }

  private static boolean hasControls(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  /// One of `allowed`, or null when the key is missing.
  @Nullable String choice(String key, List<String> allowed) throws CatalogException {
    JsonNode value = value(key);
    if (value != null && !(value.isTextual() && allowed.contains(value.textValue()))) {
      throw refusal(key, "must be one of " + String.join(", ", allowed));
    }
    return value == null ? null : value.textValue();
  }

  /// A list of different words out of `allowed`, in the order of `allowed`; empty when missing.
  List<String> choices(String key, List<String> allowed) throws CatalogException {
    JsonNode value = value(key);
    if (value == null) {
      return List.of();
    }
    List<String> sent = new ArrayList<>();
    for (JsonNode word : value.isArray() ? value : List.of(value)) {
      if (!value.isArray()
          || !word.isTextual()
          || !allowed.contains(word.textValue())
          || sent.contains(word.textValue())) {
        throw new CatalogException(
            "`%s`%s has %s, but must be a list of different words out of %s."
                .formatted(path(key), owner, shown(word), String.join(", ", allowed)));
      }
      sent.add(word.textValue());
    }
    return allowed.stream().filter(sent::contains).toList();
  }

  int positive(String key) throws CatalogException {
    JsonNode value = value(key);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToInt()) {
      throw refusal(key, "must be a whole number from 1 to " + Integer.MAX_VALUE);
    }
    if (value.intValue() < 1) {
      throw refusal(key, "must be at least 1");
    }
    return value.intValue();
  }

  /// A share above 0 and below 1.
  double share(String key, double otherwise) throws CatalogException {
    JsonNode value = value(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isNumber() || !(value.doubleValue() > 0 && value.doubleValue() < 1)) {
      throw refusal(key, "must be a number above 0 and below 1");
    }
    return value.doubleValue();
  }

  /// Dollars.
  BigDecimal price(String key, @Nullable BigDecimal otherwise) throws CatalogException {
    JsonNode value = value(key);
    if (value == null && otherwise != null) {
      return otherwise;
    }
    if (value == null || !(value.isIntegralNumber() || value.isBigDecimal())) {
      throw refusal(key, "must be a number of dollars");
    }
    BigDecimal price = value.decimalValue();
    if (price.signum() < 0
        || price.compareTo(PRICE_MAX) > 0
        || price.stripTrailingZeros().scale() > PRICE_DIGITS_MAX) {
      throw refusal(
          key,
          "must be from 0 to %s dollars with at most %d digits after the point"
              .formatted(PRICE_MAX, PRICE_DIGITS_MAX));
    }
    return price;
  }

  boolean flag(String key) throws CatalogException {
    JsonNode value = value(key);
    if (value != null && !value.isBoolean()) {
      throw refusal(key, "must be true or false");
    }
    return value != null && value.booleanValue();
  }

  /// A day or a moment; the epoch when the key is missing.
  Instant moment(String key) throws CatalogException {
    String text = optionalText(key);
    if (text == null) {
      return Instant.EPOCH;
    }
    try {
      return text.indexOf('T') < 0
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException _) {
      throw refusal(key, "must be a day such as 2026-11-09 or an RFC 3339 timestamp");
    }
  }

  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  CatalogException refusal(String key, String rule) {
    return new CatalogException(
        "`%s`%s is %s, but %s.".formatted(path(key), owner, shown(node.get(key)), rule));
  }

  /// A refusal that does not repeat a value that may hold a secret.
  CatalogException refusalWithoutValue(String key, String rule) {
    return new CatalogException(
        "`%s`%s (its value is not shown) %s.".formatted(path(key), owner, rule));
  }

  private static String shown(@Nullable JsonNode value) {
    if (value == null || value.isMissingNode()) {
      return "missing";
    }
    if (value.isObject() || value.isArray()) {
      return value.isObject() ? "a mapping" : "a list";
    }
    String text = value.toString();
    return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "…";
  }
}
