package io.steward.agentconfig.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// The last entry of a page of a list that is newest first: the next page begins after it. Clients
/// see it as an opaque `page_…`.
///
/// @param list which list it belongs to; no other list accepts it
/// @param createdAt when the entry was created, in milliseconds
public record Cursor(String list, Instant createdAt, String id) {
  private static final String PREFIX = "page_";
  private static final int PARTS = 3;

  /// The cursor in the parameter `page`, or null.
  ///
  /// @throws io.steward.schemas.http.ApiException 400 when it is not one of this list
  public static @Nullable Cursor read(Query query, String list) {
    String page = query.text("page");
    if (page == null) {
      return null;
    }
    try {
      if (page.startsWith(PREFIX)) {
        byte[] bytes = Base64.getUrlDecoder().decode(page.substring(PREFIX.length()));
        String[] parts = new String(bytes, StandardCharsets.UTF_8).split(":", PARTS);
        if (parts.length == PARTS && parts[0].equals(list) && parts[2].indexOf(0) < 0) {
          return new Cursor(list, Instant.ofEpochMilli(Long.parseLong(parts[1])), parts[2]);
        }
      }
    } catch (IllegalArgumentException _) {
      // Not base64, or not a number: refused below.
    }
    throw Query.refusal("page", page, "must be the `next_page` of this list");
  }

  /// What the client sends as `page`.
  public String text() {
    String plain = list + ":" + createdAt.toEpochMilli() + ":" + id;
    return PREFIX
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }
}
