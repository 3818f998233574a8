package io.steward.vaultproxy.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The query of a request, read strictly. An empty value counts as none; unknown names are ignored.
///
/// @param parameters values by name, decoded
record Query(Map<String, List<String>> parameters) {
  private static final int LIMIT_DEFAULT = 20;
  private static final int LIMIT_MAX = 100;
  private static final int TIME_CHARS_MAX = 40;

  /// The first value of that name, or null.
  @Nullable String text(String name) {
    List<String> values = parameters.getOrDefault(name, List.of());
    return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
  }

  /// How many entries a page has at most, 20 unless asked otherwise.
  int limit() {
    String text = text("limit");
    if (text == null) {
      return LIMIT_DEFAULT;
    }
    int limit = text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > LIMIT_MAX) {
      throw refused("limit", text, "must be a whole number from 1 to " + LIMIT_MAX);
    }
    return limit;
  }

  /// Whether archived entries are listed, too.
  boolean includeArchived() {
    String text = text("include_archived");
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw refused("include_archived", text, "must be true or false");
  }

  /// An id, or null.
  @Nullable String id(String name) {
    String text = text(name);
    if (text != null && !Request.ID.matcher(text).matches()) {
      throw refused(name, text, "must be an id");
    }
    return text;
  }

  /// A moment, or null.
  @Nullable Instant time(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    try {
      if (text.length() <= TIME_CHARS_MAX && Character.isDigit(text.charAt(0))) {
        return OffsetDateTime.parse(text).toInstant();
      }
    } catch (DateTimeParseException _) {
      // Refused below.
    }
    throw refused(name, text, "must be a time such as 2026-01-31T12:00:00Z");
  }

  static ApiException refused(String name, String value, String rule) {
    String shown = value.length() <= 80 ? value : value.substring(0, 80) + "…";
    return new ApiException(
        ApiError.invalid("`" + name + "` is \"" + shown + "\", but " + rule + "."));
  }
}
