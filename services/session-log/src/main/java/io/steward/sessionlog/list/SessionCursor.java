package io.steward.sessionlog.list;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/// A place in the list of sessions.
///
/// @param forward whether the page lies behind this place; otherwise before it
record SessionCursor(boolean ascending, boolean forward, Instant createdAt, String id) {
  private static final String KIND = "s";

  String text() {
    return Cursors.text(KIND, ascending ? "a" : "d", forward ? "n" : "p", createdAt, id);
  }

  static SessionCursor parse(String text, boolean ascending, TimeRange range) {
    List<String> fields = Cursors.fields(text, KIND, 5);
    try {
      SessionCursor cursor =
          new SessionCursor(
              fields.get(1).equals("a"),
              fields.get(2).equals("n"),
              Instant.parse(fields.get(3)),
              fields.get(4));
      if (cursor.ascending != ascending) {
        throw Cursors.otherOrder(text);
      }
      if (!range.contains(cursor.createdAt)) {
        throw new ApiException(
            ApiError.invalid("`page` lies outside of the `created_at` filters of this request."));
      }
      return cursor;
    } catch (DateTimeException e) {
      throw Cursors.unknown(text);
    }
  }
}
