package io.steward.harness;

import io.steward.harness.model.ModelClient;
import io.steward.harness.request.Searcher;
import io.steward.harness.search.AnthropicSearch;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.model.Provider;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.search.WebSearch;
import java.util.Optional;

/// Who searches the web, as the operator says.
///
/// @param search asked when [Searcher#PROVIDER] searches
record Searches(Searcher searcher, WebSearch search) {
  private static final WebSearch NONE =
      _ -> SearchOutcome.unavailable("This harness does not search.");

  /// @throws IllegalStateException with a sentence about a setting that cannot be used
  static Searches open(HarnessConfig config, ModelCatalog catalog, ModelClient client) {
    String word =
        config.webSearch().orElse(config.webSearchSearxngUrl().isPresent() ? "searxng" : "none");
    return switch (word) {
      case "none" -> new Searches(Searcher.NOBODY, NONE);
      case "searxng" -> new Searches(Searcher.VAULT_PROXY, NONE);
      case "anthropic" ->
          new Searches(
              Searcher.PROVIDER,
              new AnthropicSearch(client, model(config, catalog), config.webSearchTimeout()));
      default ->
          throw new IllegalStateException(
              "steward.web-search (STEWARD_WEB_SEARCH) is \""
                  + word
                  + "\"; it must be searxng, anthropic or none.");
    };
  }

  private static String model(HarnessConfig config, ModelCatalog catalog) {
    String id =
        config
            .webSearchModel()
            .orElseThrow(() ->
                new IllegalStateException(
                    "steward.web-search (STEWARD_WEB_SEARCH) is anthropic; then"
                        + " steward.web-search-model (STEWARD_WEB_SEARCH_MODEL) must name a model"
                        + " of the catalog."));
    Optional<Provider> provider =
        catalog.find(id).map(CatalogModel::provider).map(catalog.providers()::get);
    if (provider.isEmpty() || provider.get().kind() != Provider.Kind.ANTHROPIC) {
      throw new IllegalStateException(
          "steward.web-search-model (STEWARD_WEB_SEARCH_MODEL) is \""
              + id
              + "\"; it must be a model of the catalog whose provider is of kind anthropic.");
    }
    return id;
  }
}
