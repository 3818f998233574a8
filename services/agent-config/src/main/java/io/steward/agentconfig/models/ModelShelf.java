package io.steward.agentconfig.models;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ModelCatalog;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The catalog as clients see it: named models, newest first. An entry whose `upstream_id` is the
/// id of another entry of the same provider is an alias: lists leave it out, and asking for it
/// gives the model it stands for.
final class ModelShelf {
  private final ModelCatalog catalog;
  private final Map<String, CatalogModel> named;
  private final List<CatalogModel> newestFirst;

  ModelShelf(ModelCatalog catalog) {
    this.catalog = catalog;
    this.named =
        catalog.named().stream().collect(Collectors.toMap(CatalogModel::id, Function.identity()));
    this.newestFirst =
        catalog.named().stream()
            .filter(model -> aliased(model).isEmpty())
            .sorted(Comparator.comparing(CatalogModel::createdAt).reversed())
            .toList();
  }

  /// A model by its id, its alias, or any name that a pattern serves.
  Optional<ModelView> find(String id) {
    return catalog
        .find(id)
        .map(model -> aliased(model).orElse(model))
        .map(model -> ModelView.of(model.isPattern() ? id : model.id(), model));
  }

  /// Up to `limit` models next to the cursor, in the order of the list.
  ///
  /// @throws ApiException 400 when the cursor is not the id of a model in the list
  ModelPage page(ModelListQuery query) {
    int size = newestFirst.size();
    List<Integer> fitting =
        IntStream.range(
                query.afterId() == null ? 0 : position("after_id", query.afterId()) + 1,
                query.beforeId() == null ? size : position("before_id", query.beforeId()))
            .filter(i -> query.lifecycles().contains(newestFirst.get(i).lifecycle()))
            .boxed()
            .toList();
    boolean more = fitting.size() > query.limit();
    boolean backwards = query.beforeId() != null;
    int from = more && backwards ? fitting.size() - query.limit() : 0;
    int to = more && !backwards ? query.limit() : fitting.size();
    return ModelPage.of(
        fitting.subList(from, to).stream()
            .map(newestFirst::get)
            .map(model -> ModelView.of(model.id(), model))
            .toList(),
        more);
  }

  private int position(String parameter, String id) {
    String real = find(id).map(ModelView::id).orElse(id);
    for (int i = 0; i < newestFirst.size(); i++) {
      if (newestFirst.get(i).id().equals(real)) {
        return i;
      }
    }
    throw new ApiException(
        ApiError.invalid(
            "`%s` is \"%s\", but must be the id of a model in this list."
                .formatted(parameter, id.length() <= 80 ? id : id.substring(0, 80) + "…")));
  }

  private Optional<CatalogModel> aliased(CatalogModel model) {
    return Optional.ofNullable(named.get(model.upstreamId(model.id())))
        .filter(real -> !model.isPattern() && !real.id().equals(model.id()))
        .filter(real -> real.provider().equals(model.provider()));
  }
}
