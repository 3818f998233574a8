package io.steward.sessionlog.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The query of a request. An empty value stands for an absent one; arrays come as `name[]` or as
/// `name`, repeated.
///
/// @param values decoded, by name, in the order they came
public record QueryParameters(Map<String, List<String>> values) {

  /// The last value of a parameter.
  public Optional<String> text(String name) {
    return all(name).reduce((_, last) -> last);
  }

  /// All values of an array parameter.
  public List<String> list(String name) {
    List<String> list = new ArrayList<>();
    all(name + "[]").forEach(list::add);
    all(name).forEach(list::add);
    return list;
  }

  /// How many entries a page may have.
  ///
  /// @throws ApiException 400 when it is not a whole number from 1 to `max`
  public int limit(int otherwise, int max) {
    return text("limit")
        .map(text -> {
          int limit = text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
          if (limit < 1 || limit > max) {
            throw refused("limit", text, "must be a whole number from 1 to " + max);
          }
          return limit;
        })
        .orElse(otherwise);
  }

  /// A moment in time.
  ///
  /// @throws ApiException 400 when it is not RFC 3339
  public Optional<Instant> instant(String name) {
    return text(name)
        .map(text -> {
          try {
            return OffsetDateTime.parse(text).toInstant();
          } catch (DateTimeParseException e) {
            throw refused(name, text, "must be an RFC 3339 timestamp");
          }
        });
  }

  /// `true` or `false`.
  ///
  /// @throws ApiException 400 when it is neither
  public boolean flag(String name) {
    return text(name)
        .map(text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw refused(name, text, "must be true or false");
            })
        .orElse(false);
  }

  /// A whole number from 1.
  ///
  /// @throws ApiException 400 when it is not one
  public Optional<Integer> positive(String name) {
    return text(name)
        .map(text -> {
          int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
          if (number < 1) {
            throw refused(name, text, "must be a whole number from 1");
          }
          return number;
        });
  }

  /// A whole number from `min` to `max`.
  ///
  /// @throws ApiException 400 when it is not one
  public Optional<Integer> between(String name, int min, int max) {
    return text(name)
        .map(text -> {
          long number = text.matches("\\d{1,9}") ? Long.parseLong(text) : -1;
          if (number < min || number > max) {
            throw refused(name, text, "must be a whole number from " + min + " to " + max);
          }
          return (int) number;
        });
  }

  /// Whether the list is to be ascending.
  ///
  /// @throws ApiException 400 when `order` is neither `asc` nor `desc`
  public boolean ascending(boolean otherwise) {
    return text("order")
        .map(text ->
            switch (text) {
              case "asc" -> true;
              case "desc" -> false;
              default -> throw refused("order", text, "must be asc or desc");
            })
        .orElse(otherwise);
  }

  /// 400 about a parameter.
  public static ApiException refused(String name, String value, String rule) {
    String shown = value.length() <= 80 ? value : value.substring(0, 80) + "…";
    return new ApiException(
        ApiError.invalid("`" + name + "` is \"" + shown + "\", but " + rule + "."));
  }

  private Stream<String> all(String name) {
    return values.getOrDefault(name, List.of()).stream().filter(value -> !value.isEmpty());
  }
}
