package io.steward.sessionlog.list;

import io.steward.schemas.http.ApiException;
import io.steward.sessionlog.http.QueryParameters;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// The outside of cursors: `page_` and base64url of fields between bars.
public final class Cursors {
  private static final String PREFIX = "page_";

  private Cursors() {}

  /// A cursor with these fields, none of which has a bar.
  public static String text(Object... fields) {
    StringBuilder inside = new StringBuilder();
    for (Object field : fields) {
      inside.append(inside.isEmpty() ? "" : "|").append(field);
    }
    return PREFIX
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(inside.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// The fields of a cursor.
  ///
  /// @param kind the first field it must have
  /// @param count how many fields it must have
  /// @throws ApiException 400 when it is no such cursor
  public static List<String> fields(String cursor, String kind, int count) {
    try {
      if (cursor.startsWith(PREFIX)) {
        byte[] inside = Base64.getUrlDecoder().decode(cursor.substring(PREFIX.length()));
        String text = new String(inside, StandardCharsets.UTF_8);
        List<String> fields = List.of(text.split("\\|", -1));
        if (fields.size() == count && fields.getFirst().equals(kind)) {
          return fields;
        }
      }
    } catch (IllegalArgumentException e) {
      throw unknown(cursor);
    }
    throw unknown(cursor);
  }

  /// 400: the cursor is none of this list.
  public static ApiException unknown(String cursor) {
    return QueryParameters.refused("page", cursor, "must be a cursor this list gave out");
  }

  static ApiException otherOrder(String cursor) {
    return QueryParameters.refused("page", cursor, "belongs to a list in the other `order`");
  }
}
