package io.steward.agentconfig.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The query of a request, read strictly. An empty value counts as none; unknown names are ignored.
public final class Query {
  private static final int LIMIT_DEFAULT = 20;

  /// The most entries of one page, unless a list says otherwise.
  public static final int LIMIT_MAX = 100;

  private final Map<String, List<String>> parameters;

  /// @param parameters values by name, decoded
  public Query(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  /// The query of a request.
  public static Query of(UriInfo uri) {
    return new Query(uri.getQueryParameters());
  }

  /// The first value of that name, or null.
  public @Nullable String text(String name) {
    List<String> values = parameters.get(name);
    return values == null || values.isEmpty() || values.getFirst().isEmpty()
        ? null
        : values.getFirst();
  }

  /// All values of that name, also in the form `name[]`.
  public List<String> texts(String name) {
    return Stream.of(name, name + "[]")
        .flatMap(key -> parameters.getOrDefault(key, List.of()).stream())
        .filter(value -> !value.isEmpty())
        .toList();
  }

  /// How many entries a page has at most, 20 unless asked otherwise.
  public int limit() {
    Integer limit = integer("limit", LIMIT_MAX);
    return limit == null ? LIMIT_DEFAULT : limit;
  }

  /// A whole number from 1 to `max`, or null.
  public @Nullable Integer integer(String name, int max) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= 1 && value <= max) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Refused below, as every other value that does not fit.
    }
    throw refusal(name, text, "must be a whole number from 1 to " + max);
  }

  public boolean flag(String name) {
    String text = text(name);
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw refusal(name, text, "must be true or false");
  }

  /// An RFC 3339 moment, or null.
  public @Nullable Instant moment(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw refusal(name, text, "must be an RFC 3339 timestamp such as 2026-11-20T10:00:00Z");
    }
  }

  static ApiException refusal(String name, String value, String rule) {
    String shown = value.length() <= 80 ? value : value.substring(0, 80) + "…";
    return new ApiException(
        ApiError.invalid("`" + name + "` is \"" + shown + "\", but " + rule + "."));
  }
}
