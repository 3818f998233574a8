package io.steward.vaultproxy.http;

import io.steward.vaultproxy.vault.ListPosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// The end of a page. Clients see it as an opaque `page_…`.
///
/// @param list which list it belongs to; no other list accepts it
record Cursor(String list, ListPosition position) {
  private static final String PREFIX = "page_";
  private static final int PARTS = 3;

  /// The end of the year 9999: the database need not compare later moments.
  private static final long MILLIS_MAX = 253_402_300_799_999L;

  /// The position in the parameter `page`, or null.
  ///
  /// @throws io.steward.schemas.http.ApiException 400 when it is not one of this list
  static @Nullable ListPosition read(Query query, String list) {
    String page = query.text("page");
    if (page == null) {
      return null;
    }
    ListPosition position = page.startsWith(PREFIX) ? parsed(page, list) : null;
    if (position == null) {
      throw Query.refused("page", page, "must be the `next_page` of this list");
    }
    return position;
  }

  private static @Nullable ListPosition parsed(String page, String list) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(page.substring(PREFIX.length()));
      String[] parts = new String(bytes, StandardCharsets.UTF_8).split(":", PARTS);
      if (parts.length < PARTS || !parts[0].equals(list) || parts[2].indexOf(0) >= 0) {
        return null;
      }
      long millis = Long.parseLong(parts[1]);
      return millis < 0 || millis > MILLIS_MAX
          ? null
          : new ListPosition(Instant.ofEpochMilli(millis), parts[2]);
    } catch (IllegalArgumentException _) {
      return null; // Not base64, or not a number.
    }
  }

  /// What the client sends as `page`.
  String text() {
    String plain = list + ":" + position.createdAt().toEpochMilli() + ":" + position.id();
    return PREFIX
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }
}
