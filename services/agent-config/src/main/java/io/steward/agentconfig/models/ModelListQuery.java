package io.steward.agentconfig.models;

import io.steward.agentconfig.http.Query;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.model.CatalogModel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a request to list models asks for. Source: contract/platform.md §1.10, §11.
///
/// @param limit entries of the page, at most
/// @param afterId the page begins after this model, or null
/// @param beforeId the page ends before this model, or null
/// @param lifecycles which models are listed
record ModelListQuery(
    int limit, @Nullable String afterId, @Nullable String beforeId, List<String> lifecycles) {
  private static final int LIMIT_DEFAULT = 20;
  private static final int LIMIT_MAX = 1000;
  private static final List<String> LIFECYCLES_DEFAULT = List.of("active", "deprecated");

  /// @throws ApiException 400 when a parameter breaks a rule
  static ModelListQuery read(Query query) {
    Integer limit = query.integer("limit", LIMIT_MAX);
    String afterId = query.text("after_id");
    String beforeId = query.text("before_id");
    if (afterId != null && beforeId != null) {
      throw new ApiException(
          ApiError.invalid("`before_id` must not be sent together with `after_id`."));
    }
    List<String> lifecycles = query.texts("lifecycle");
    if (lifecycles.size() > CatalogModel.LIFECYCLES.size()
        || !CatalogModel.LIFECYCLES.containsAll(lifecycles)) {
      throw new ApiException(
          ApiError.invalid(
              "`lifecycle` is %s, but must be up to 3 of active, deprecated, retired."
                  .formatted(lifecycles)));
    }
    return new ModelListQuery(
        limit == null ? LIMIT_DEFAULT : limit,
        afterId,
        beforeId,
        lifecycles.isEmpty() ? LIFECYCLES_DEFAULT : List.copyOf(lifecycles));
  }
}
