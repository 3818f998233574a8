package io.steward.sessionlog.resource;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.resource.SessionResource;
import io.steward.sessionlog.http.Page;
import io.steward.sessionlog.list.Cursors;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of a session's resources, oldest first. The cursor names the last resource of the page
/// before; when that is gone, the page begins with those of its time.
final class ResourcePage {
  /// How many resources a page may have; without a limit it has all.
  static final int LIMIT_MAX = 1_000;

  private static final String KIND = "resources";
  private static final int FIELDS = 3;

  private ResourcePage() {}

  /// @param cursor null for the first page
  /// @throws io.steward.schemas.http.ApiException 400 when it is no cursor of this list
  static Page<JsonNode> of(List<SessionResource> attached, int limit, @Nullable String cursor) {
    List<SessionResource> sorted =
        attached.stream().sorted(Comparator.comparing(SessionResource::createdAt)).toList();
    int from = cursor == null ? 0 : after(sorted, cursor);
    int to = Math.min(sorted.size(), from + limit);
    return new Page<>(
        sorted.subList(from, to).stream().map(SessionResource::view).toList(),
        to < sorted.size() ? cursor(sorted.get(to - 1)) : null);
  }

  private static String cursor(SessionResource last) {
    return Cursors.text(KIND, last.createdAt(), last.id());
  }

  private static int after(List<SessionResource> sorted, String cursor) {
    List<String> fields = Cursors.fields(cursor, KIND, FIELDS);
    Instant createdAt = instant(fields.get(1), cursor);
    for (int i = 0; i < sorted.size(); i++) {
      if (sorted.get(i).id().equals(fields.get(2))) {
        return i + 1;
      }
    }
    int from = 0;
    while (from < sorted.size() && sorted.get(from).createdAt().isBefore(createdAt)) {
      from++;
    }
    return from;
  }

  private static Instant instant(String text, String cursor) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw Cursors.unknown(cursor);
    }
  }
}
