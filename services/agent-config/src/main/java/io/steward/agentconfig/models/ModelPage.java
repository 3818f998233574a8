package io.steward.agentconfig.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of models. Source: contract/platform.md §1.10.
///
/// @param hasMore whether there are more in the direction that was asked for
/// @param firstId null when the page is empty
/// @param lastId null when the page is empty
@JsonInclude(JsonInclude.Include.ALWAYS)
record ModelPage(
    List<ModelView> data, boolean hasMore, @Nullable String firstId, @Nullable String lastId) {
  static ModelPage of(List<ModelView> data, boolean hasMore) {
    return data.isEmpty()
        ? new ModelPage(data, false, null, null)
        : new ModelPage(data, hasMore, data.getFirst().id(), data.getLast().id());
  }
}
