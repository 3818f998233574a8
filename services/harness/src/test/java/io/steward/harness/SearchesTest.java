package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.steward.harness.model.ModelClient;
import io.steward.harness.request.Searcher;
import io.steward.harness.search.AnthropicSearch;
import io.steward.schemas.model.ModelCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchesTest {
  private static final ModelClient SILENT =
      (_, _) -> {
        throw new AssertionError("nobody asks a model here");
      };

  @TempDir private Path directory;
  private ModelCatalog catalog;

  @BeforeEach
  void writeCatalog() throws IOException {
    Path file = directory.resolve("models.yaml");
    Files.writeString(
        file,
        """
        providers:
          one: {kind: anthropic}
          two: {kind: openai, base_url: "http://localhost:1"}
        models:
          - {id: "claude-*", provider: one, context_window: 1000, output_tokens_max: 100}
          - {id: gpt, provider: two, context_window: 1000, output_tokens_max: 100}
        """);
    catalog = ModelCatalog.load(Optional.of(file));
  }

  private Searches open(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("steward.kafka.bootstrap-servers", "broker:9092");
    HarnessConfig config =
        new SmallRyeConfigBuilder()
            .withMapping(HarnessConfig.class)
            .withSources(new PropertiesConfigSource(all, "test", ConfigSource.DEFAULT_ORDINAL))
            .addDiscoveredConverters()
            .build()
            .getConfigMapping(HarnessConfig.class);
    return Searches.open(config, catalog, SILENT);
  }

  @Test
  void without_settings_nobody_searches() {
    assertEquals(Searcher.NOBODY, open(Map.of()).searcher());
  }

  @Test
  void the_url_of_an_instance_is_enough() {
    Map<String, String> url = Map.of("steward.web-search-searxng-url", "http://searxng/");
    Map<String, String> none = new HashMap<>(url);
    none.put("steward.web-search", "none");

    assertEquals(Searcher.VAULT_PROXY, open(url).searcher());
    assertEquals(Searcher.NOBODY, open(none).searcher());
    assertEquals(Searcher.VAULT_PROXY, open(Map.of("steward.web-search", "searxng")).searcher());
  }

  @Test
  void a_model_searches_when_it_is_named() {
    Searches searches =
        open(
            Map.of(
                "steward.web-search", "anthropic", "steward.web-search-model", "claude-haiku-4-5"));

    assertEquals(Searcher.PROVIDER, searches.searcher());
    assertInstanceOf(AnthropicSearch.class, searches.search());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bing | claude-x | steward.web-search (STEWARD_WEB_SEARCH) is \"bing\"; it must be searxng,"
            + " anthropic or none.",
        "anthropic | gpt | steward.web-search-model (STEWARD_WEB_SEARCH_MODEL) is \"gpt\"; it must"
            + " be a model of the catalog whose provider is of kind anthropic.",
        "anthropic | other | steward.web-search-model (STEWARD_WEB_SEARCH_MODEL) is \"other\"; it"
            + " must be a model of the catalog whose provider is of kind anthropic."
      })
  void a_setting_that_cannot_be_used_is_a_sentence(String word, String model, String sentence) {
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () -> open(Map.of("steward.web-search", word, "steward.web-search-model", model)));

    assertEquals(sentence, refused.getMessage());
  }

  @Test
  void a_provider_that_searches_needs_a_model() {
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class, () -> open(Map.of("steward.web-search", "anthropic")));

    assertEquals(
        "steward.web-search (STEWARD_WEB_SEARCH) is anthropic; then steward.web-search-model"
            + " (STEWARD_WEB_SEARCH_MODEL) must name a model of the catalog.",
        refused.getMessage());
  }
}
