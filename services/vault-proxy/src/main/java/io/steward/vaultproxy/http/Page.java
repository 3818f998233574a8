package io.steward.vaultproxy.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.steward.vaultproxy.vault.ListPosition;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A page of a list.
///
/// @param nextPage null on the last page
record Page(List<?> data, @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String nextPage) {

  /// @param found the entries of the page, and one more when there is a next page
  static <T> Page of(String list, List<T> found, int limit, Function<T, ListPosition> position) {
    if (found.size() <= limit) {
      return new Page(found, null);
    }
    List<T> data = found.subList(0, limit);
    return new Page(data, new Cursor(list, position.apply(data.getLast())).text());
  }
}
