package io.steward.schemas.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.model.CatalogModel.TokenPrices;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCatalogTest {
  private static final String PATTERNS =
      """
      providers: {a: {kind: anthropic}, b: {kind: openai}}
      models:
        - {id: "qwen*", provider: b, context_window: 8, output_tokens_max: 8}
        - {id: "*-coder-*", provider: a, context_window: 7, output_tokens_max: 7}
        - {id: qwen3, provider: a, context_window: 6, output_tokens_max: 6}
        - {id: "a*a", provider: a, context_window: 5, output_tokens_max: 5}
        - {id: "x*y*z", provider: a, context_window: 4, output_tokens_max: 4}
      """;

  private static int windowOf(String modelId) throws CatalogException {
    return ModelCatalog.parse(PATTERNS).find(modelId).map(CatalogModel::contextWindow).orElse(0);
  }

  @ParameterizedTest(name = "{0} is served by the entry with the window {1}")
  @CsvSource({
    "qwen3, 6",
    "qwen, 8",
    "qwen3-coder-30b, 8",
    "my-coder-1, 7",
    "-coder-, 7",
    "coder, 0",
    "a, 0",
    "aa, 5",
    "aba, 5",
    "xyz, 4",
    "xzyz, 4",
    "xzy, 0",
    "Qwen3, 0",
    "*, 0",
    "qwen*, 0"
  })
  void the_exact_id_comes_first_then_the_first_pattern(String modelId, int window)
      throws CatalogException {
    assertEquals(window, windowOf(modelId));
  }

  @Test
  void a_star_alone_serves_every_model() throws CatalogException {
    ModelCatalog catalog =
        ModelCatalog.parse(
            """
            providers: {a: {kind: anthropic}}
            models: [{id: "*", provider: a, context_window: 8, output_tokens_max: 8}]
            """);

    assertTrue(catalog.find("anything").isPresent());
    assertEquals(List.of(), catalog.named());
  }

  @Test
  void the_least_entry_gets_every_default() throws CatalogException {
    ModelCatalog catalog =
        ModelCatalog.parse(
            """
            providers: {local: {kind: openai, base_url: "http://localhost:11434/"}}
            models: [{id: m, provider: local, context_window: 32_000, output_tokens_max: 8000}]
            """);

    assertEquals(
        new CatalogModel(
            "m",
            "local",
            null,
            "m",
            Instant.EPOCH,
            "active",
            null,
            32_000,
            8_000,
            0.8,
            null,
            List.of(),
            false,
            false),
        catalog.find("m").orElseThrow());
    assertEquals(
        Map.of(
            "local",
            new Provider(Provider.Kind.OPENAI, "http://localhost:11434", null, null, null)),
        catalog.providers());
    assertEquals(Optional.empty(), catalog.prices("m"));
    assertEquals(25_600, catalog.find("m").orElseThrow().compactAtTokens());
  }

  @Test
  void every_key_is_read() throws CatalogException {
    ModelCatalog catalog =
        ModelCatalog.parse(
            """
            providers:
              east: {kind: vertex, base_url: https://v.example, region: us-east5, project: p-1}
              west: {kind: bedrock, api_key_env: BEDROCK_KEY, region: us-west-2}
            active_hour: 0.08
            thousand_searches: 10
            models:
              - id: m
                provider: east
                upstream_id: m@1
                display_name: The M
                created_at: 2026-11-09T10:00:00+01:00
                lifecycle: deprecated
                line: opus
                context_window: 200000
                output_tokens_max: 64000
                compact_at: 0.5
                prices: {input: 5, output: 25, cache_write: 6.25, cache_read: 0.5}
                efforts: [max, low]
                images: true
                documents: true
            """);

    assertEquals(
        new CatalogModel(
            "m",
            "east",
            "m@1",
            "The M",
            Instant.parse("2026-11-09T09:00:00Z"),
            "deprecated",
            "opus",
            200_000,
            64_000,
            0.5,
            new TokenPrices(
                new BigDecimal("5"),
                new BigDecimal("25"),
                new BigDecimal("6.25"),
                new BigDecimal("0.5")),
            List.of("low", "max"),
            true,
            true),
        catalog.find("m").orElseThrow());
    assertEquals(
        new Provider(Provider.Kind.VERTEX, "https://v.example", null, "us-east5", "p-1"),
        catalog.providers().get("east"));
    assertEquals(
        new Provider(Provider.Kind.BEDROCK, null, "BEDROCK_KEY", "us-west-2", null),
        catalog.providers().get("west"));
    assertEquals("m@1", catalog.find("m").orElseThrow().upstreamId("m"));
    assertEquals(
        new BigDecimal("0.08"), catalog.prices("m").map(ListPrices::activeHour).orElseThrow());
    assertEquals(
        new BigDecimal("10"), catalog.prices("m").map(ListPrices::thousandSearches).orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://h:1/api",
        "http://h:1/api/",
        "http://h:1/api//",
        "http://h:1/api/v1",
        "http://h:1/api/v1/"
      })
  void the_version_at_the_end_of_an_address_is_taken_off(String baseUrl) throws CatalogException {
    ModelCatalog catalog =
        ModelCatalog.parse(
            """
            providers: {a: {kind: openai, base_url: "%s"}}
            models: [{id: m, provider: a, context_window: 8, output_tokens_max: 8}]
            """
                .formatted(baseUrl));

    assertEquals(
        Map.of("a", new Provider(Provider.Kind.OPENAI, "http://h:1/api", null, null, null)),
        catalog.providers());
  }

  @Test
  void cached_tokens_cost_what_others_do_when_the_file_does_not_say() throws CatalogException {
    ModelCatalog catalog =
        ModelCatalog.parse(
            """
            providers: {a: {kind: openai}}
            models:
              - id: m
                provider: a
                context_window: 8
                output_tokens_max: 8
                prices: {input: 0.1, output: 0}
            """);

    assertEquals(
        Optional.of(
            new ListPrices(
                new BigDecimal("0.1"),
                BigDecimal.ZERO,
                new BigDecimal("0.1"),
                new BigDecimal("0.1"),
                BigDecimal.ZERO,
                null)),
        catalog.prices("m"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claude-opus-5-5",
        "claude-sonnet-5-5",
        "claude-haiku-5-5",
        "claude-fable-5-2",
        "claude-fable-5-1",
        "claude-opus-5",
        "claude-sonnet-5",
        "claude-fable-5",
        "claude-opus-4-8",
        "claude-opus-4-7",
        "claude-opus-4-6",
        "claude-opus-4-5",
        "claude-opus-4-5-20251101",
        "claude-sonnet-4-6",
        "claude-sonnet-4-5",
        "claude-sonnet-4-5-20250929",
        "claude-haiku-4-5",
        "claude-haiku-4-5-20251001"
      })
  void the_shipped_catalog_names_the_model_with_prices(String modelId) {
    ModelCatalog shipped = ModelCatalog.shipped();
    CatalogModel model = shipped.find(modelId).orElseThrow();
    ListPrices prices = shipped.prices(modelId).orElseThrow();

    assertEquals(modelId, model.id());
    assertTrue(modelId.contains(String.valueOf(model.line())), modelId);
    assertEquals(
        0, prices.input().multiply(new BigDecimal("1.25")).compareTo(prices.cacheWrite()), modelId);
    assertTrue(prices.cacheRead().compareTo(prices.input()) < 0, modelId);
    assertEquals(
        0, prices.input().multiply(BigDecimal.valueOf(5)).compareTo(prices.output()), modelId);
    assertTrue(model.compactAtTokens() + 8_000 < model.contextWindow(), modelId);
  }

  @Test
  void an_unknown_claude_is_served_by_the_shipped_catalog_but_has_no_price() {
    ModelCatalog shipped = ModelCatalog.shipped();

    assertTrue(shipped.find("claude-opus-9").isPresent());
    assertEquals(Optional.empty(), shipped.prices("claude-opus-9"));
    assertFalse(shipped.find("gpt-9").isPresent());
  }

  @Test
  void a_copy_of_the_shipped_file_is_a_catalog_with_the_same_models(@TempDir Path folder)
      throws IOException {
    Path copy = folder.resolve("models.yaml");
    try (var shipped = ModelCatalog.class.getResourceAsStream("models.yaml")) {
      Files.write(copy, shipped == null ? new byte[0] : shipped.readAllBytes());
    }

    assertEquals(ModelCatalog.shipped().named(), ModelCatalog.load(Optional.of(copy)).named());
    assertEquals(ModelCatalog.shipped().named(), ModelCatalog.load(Optional.empty()).named());
  }

  /// What the examples in comments say must be a catalog too.
  @Test
  void the_commented_examples_of_the_shipped_file_work() throws IOException {
    String yaml;
    try (var shipped = ModelCatalog.class.getResourceAsStream("models.yaml")) {
      yaml = new String(shipped == null ? new byte[0] : shipped.readAllBytes(), "UTF-8");
    }

    ModelCatalog catalog =
        ModelCatalog.parse(yaml.replaceAll("(?m)^  # (#? *(- id|[a-z_]+):( |$))", "  $1"));

    assertEquals(4, catalog.providers().size());
    assertEquals("local", catalog.find("qwen3-coder:30b").orElseThrow().provider());
    assertEquals("bedrock", catalog.find("bedrock-claude-haiku-4-5").orElseThrow().provider());
    assertEquals("vertex", catalog.find("vertex-claude-haiku-4-5").orElseThrow().provider());
  }

  @Test
  void the_examples_in_the_documentation_work() throws IOException {
    String page = Files.readString(Path.of("../docs/models.md"));
    List<String> examples =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .map(match -> match.group(1))
            .toList();

    assertEquals(6, examples.size());
    for (String example : examples) {
      assertFalse(ModelCatalog.parse(example).providers().isEmpty(), example);
    }
  }

  @Test
  void a_file_that_is_not_there_is_named(@TempDir Path folder) {
    Path missing = folder.resolve("none.yaml");

    IOException e = assertThrows(IOException.class, () -> ModelCatalog.load(Optional.of(missing)));

    assertTrue(String.valueOf(e.getMessage()).contains(missing.toString()), e.getMessage());
  }

  @Test
  void a_broken_rule_in_a_file_begins_with_the_file(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("m.yaml"), "models: []\n");

    CatalogException e =
        assertThrows(CatalogException.class, () -> ModelCatalog.load(Optional.of(file)));

    assertTrue(String.valueOf(e.getMessage()).startsWith(file + ": `providers`"), e.getMessage());
  }
}
