package io.steward.vaultproxy.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The query of a request, read strictly. An empty value counts as none; unknown names are ignored.
///
/// @param parameters values by name, decoded
record Query(Map<String, List<String>> parameters) {
  private static final int LIMIT_DEFAULT = 20;
  private static final int LIMIT_MAX = 100;

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

  static ApiException refused(String name, String value, String rule) {
    String shown = value.length() <= 80 ? value : value.substring(0, 80) + "…";
    return new ApiException(
        ApiError.invalid("`" + name + "` is \"" + shown + "\", but " + rule + "."));
  }
}
