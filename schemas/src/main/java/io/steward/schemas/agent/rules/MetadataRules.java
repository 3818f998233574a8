package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The rules of `metadata`: at most 16 pairs, keys of 1–64 and values of up to 512 characters,
/// merged key by key on update. Source: contract/core.md §2.4, §3.3.
public final class MetadataRules {
  private static final int PAIRS_MAX = 16;
  private static final int KEY_CHARS_MAX = 64;
  private static final int VALUE_CHARS_MAX = 512;
  private static final String CODE = "invalid_metadata";

  /// What an empty string does in an update.
  public enum EmptyValue {
    STORED,
    DELETES
  }

  private MetadataRules() {}

  /// The metadata of a new object.
  ///
  /// @param body the request; its `metadata` may be missing or null
  public static Map<String, String> create(JsonNode body) {
    Fields metadata = Fields.body(body).object("metadata");
    if (metadata == null) {
      return Map.of();
    }
    Map<String, String> pairs = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> pair : metadata.node().properties()) {
      pairs.put(key(pair.getKey()), value(pair.getKey(), pair.getValue()));
    }
    return limited(pairs);
  }

  /// `current` with the pairs of a patch merged in; null deletes a key.
  ///
  /// @param body the request; nothing changes when its `metadata` is missing or null
  public static Map<String, String> update(
      Map<String, String> current, JsonNode body, EmptyValue empty) {
    Fields patch = Fields.body(body).object("metadata");
    if (patch == null) {
      return current;
    }
    Map<String, String> pairs = new LinkedHashMap<>(current);
    for (Map.Entry<String, JsonNode> pair : patch.node().properties()) {
      boolean deletes =
          pair.getValue().isNull()
              || (empty == EmptyValue.DELETES && pair.getValue().asText("-").isEmpty());
      if (deletes) {
        pairs.remove(pair.getKey());
      } else {
        pairs.put(key(pair.getKey()), value(pair.getKey(), pair.getValue()));
      }
    }
    return limited(pairs);
  }

  private static Map<String, String> limited(Map<String, String> pairs) {
    if (pairs.size() > PAIRS_MAX) {
      throw refusal(
          "`metadata` would have %d pairs, but may have at most %d."
              .formatted(pairs.size(), PAIRS_MAX));
    }
    return Collections.unmodifiableMap(pairs);
  }

  private static String key(String key) {
    int chars = key.codePointCount(0, key.length());
    if (chars < 1 || chars > KEY_CHARS_MAX) {
      throw refusal(
          "A key of `metadata` has %d characters, but must have 1 to %d."
              .formatted(chars, KEY_CHARS_MAX));
    }
    return key;
  }

  private static String value(String key, JsonNode value) {
    if (!value.isTextual()) {
      throw refusal(
          "`metadata.%s` is %s, but must be a string.".formatted(key, Fields.shown(value)));
    }
    String text = value.textValue();
    int chars = text.codePointCount(0, text.length());
    if (chars > VALUE_CHARS_MAX) {
      throw refusal(
          "`metadata.%s` has %d characters, but may have at most %d."
              .formatted(key, chars, VALUE_CHARS_MAX));
    }
    return text;
  }

  private static ApiException refusal(String message) {
    return new ApiException(ApiError.invalid(message, CODE));
  }
}
