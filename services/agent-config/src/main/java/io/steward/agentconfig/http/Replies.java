package io.steward.agentconfig.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.steward.schemas.json.Json;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Successful answers: always 200 and JSON, never an empty body.
public final class Replies {
  private Replies() {}

  /// A page of a list.
  ///
  /// @param nextPage null on the last page
  record Page(List<?> data, @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String nextPage) {}

  public static Response ok(Object body) {
    return Response.ok(Json.bytes(body), MediaType.APPLICATION_JSON_TYPE).build();
  }

  /// A page of up to `limit` entries.
  ///
  /// @param found the entries of the page, and one more when there is a next page
  public static <T> Response page(List<T> found, int limit, Function<T, Cursor> cursor) {
    if (found.size() <= limit) {
      return ok(new Page(found, null));
    }
    List<T> data = found.subList(0, limit);
    return ok(new Page(data, cursor.apply(data.getLast()).text()));
  }
}
