package io.steward.schemas.model;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.steward.schemas.model.CatalogModel.TokenPrices;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the YAML of a [ModelCatalog] and holds its rules, which `docs/models.md` tells operators.
final class CatalogFile {
  static final int BYTES_MAX = 1024 * 1024;
  static final int PROVIDERS_MAX = 100;
  static final int MODELS_MAX = 1_000;
  static final double COMPACT_AT_DEFAULT = 0.8;

  private static final String SHIPPED = "models.yaml";
  private static final Pattern MODEL_ID = Pattern.compile("[^\\s\\p{Cntrl}]{1,256}");
  private static final Pattern PROVIDER_NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
  private static final List<String> TOP_KEYS =
      List.of("providers", "active_hour", "thousand_searches", "models");
  private static final List<String> PRICE_KEYS =
      List.of("input", "output", "cache_write", "cache_read");
  private static final List<String> MODEL_KEYS =
      List.of(
          "id",
          "provider",
          "upstream_id",
          "display_name",
          "created_at",
          "lifecycle",
          "line",
          "context_window",
          "output_tokens_max",
          "compact_at",
          "prices",
          "efforts",
          "images",
          "documents");

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private CatalogFile() {}

  static ModelCatalog load(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return parse(in.readNBytes(BYTES_MAX + 1), file.toString());
    } catch (CatalogException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("The file of models " + file + " cannot be read: " + e, e);
    }
  }

  static ModelCatalog shipped() throws IOException {
    try (InputStream in = CatalogFile.class.getResourceAsStream(SHIPPED)) {
      if (in == null) {
        throw new IOException("the shipped " + SHIPPED + " is not in the jar");
      }
      return parse(in.readAllBytes(), SHIPPED);
    }
  }

  /// @param name of the file, for sentences
  static ModelCatalog parse(byte[] yaml, String name) throws CatalogException {
    try {
      return catalog(YamlMapping.of(tree(yaml), "", ""));
    } catch (CatalogException e) {
      throw e.in(name);
    }
  }

  private static @Nullable JsonNode tree(byte[] yaml) throws CatalogException {
    if (yaml.length > BYTES_MAX) {
      throw new CatalogException(
          "the file has more than %,d bytes, which is the limit.".formatted(BYTES_MAX));
    }
    try {
      return MAPPER.readTree(new String(yaml, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new CatalogException(where(e.getLocation()) + "this is not YAML: " + problem(e) + ".");
    }
  }

  private static String where(@Nullable JsonLocation at) {
    return at == null ? "" : "line %d, column %d: ".formatted(at.getLineNr(), at.getColumnNr());
  }

  /// What the parser says, without the lines of the file that it quotes.
  private static String problem(JsonProcessingException e) {
    return e.getOriginalMessage().lines().findFirst().orElse("it cannot be read").strip();
  }

  private static ModelCatalog catalog(YamlMapping top) throws CatalogException {
    top.requireKnown(TOP_KEYS);
    Map<String, Provider> providers = providers(top);
    BigDecimal activeHour = top.price("active_hour", BigDecimal.ZERO);
    BigDecimal searches = top.price("thousand_searches", BigDecimal.ZERO);
    return new ModelCatalog(
        providers, models(top, providers), activeHour, searches.signum() == 0 ? null : searches);
  }

  private static Map<String, Provider> providers(YamlMapping top) throws CatalogException {
    YamlMapping forms = YamlMapping.of(top.value("providers"), "providers", "");
    if (forms.node().isEmpty() || forms.node().size() > PROVIDERS_MAX) {
      throw new CatalogException(
          "`providers` has %,d entries, but must have 1 to %,d."
              .formatted(forms.node().size(), PROVIDERS_MAX));
    }
    Map<String, Provider> providers = new LinkedHashMap<>();
    for (var entry : forms.node().properties()) {
      String name = entry.getKey();
      if (!PROVIDER_NAME.matcher(name).matches()) {
        throw new CatalogException(
            ("the provider \"%s\" must have a name of 1 to 64 of the characters a-z 0-9 _ -,"
                    + " a letter first.")
                .formatted(name));
      }
      providers.put(
          name, ProviderForm.read(YamlMapping.of(entry.getValue(), "providers." + name, "")));
    }
    return providers;
  }

  private static List<CatalogModel> models(YamlMapping top, Map<String, Provider> providers)
      throws CatalogException {
    JsonNode forms = top.value("models");
    if (forms == null || !forms.isArray()) {
      throw top.refusal("models", "must be a list with at least one model");
    }
    if (forms.isEmpty() || forms.size() > MODELS_MAX) {
      throw new CatalogException(
          "`models` has %,d entries, but must have 1 to %,d.".formatted(forms.size(), MODELS_MAX));
    }
    List<CatalogModel> models = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < forms.size(); i++) {
      CatalogModel model = model(forms.get(i), "models." + i, providers);
      Integer first = seen.putIfAbsent(model.id(), i);
      if (first != null) {
        throw new CatalogException(
            "`models.%d.id` is \"%s\", but `models.%d` has that id already."
                .formatted(i, model.id(), first));
      }
      models.add(model);
    }
    return models;
  }

  private static CatalogModel model(JsonNode node, String path, Map<String, Provider> providers)
      throws CatalogException {
    String id = id(YamlMapping.of(node, path, ""));
    YamlMapping form = YamlMapping.of(node, path, " of " + id);
    form.requireKnown(MODEL_KEYS);
    String provider = form.text("provider");
    if (!providers.containsKey(provider)) {
      throw form.refusal(
          "provider", "must be one of `providers`: " + String.join(", ", providers.keySet()));
    }
    String displayName = form.optionalText("display_name");
    String lifecycle = form.choice("lifecycle", CatalogModel.LIFECYCLES);
    return new CatalogModel(
        id,
        provider,
        upstreamId(form),
        displayName == null ? id : displayName,
        form.moment("created_at"),
        lifecycle == null ? "active" : lifecycle,
        form.choice("line", CatalogModel.LINES),
        form.positive("context_window"),
        form.positive("output_tokens_max"),
        form.share("compact_at", COMPACT_AT_DEFAULT),
        prices(form),
        form.choices("efforts", CatalogModel.EFFORTS),
        form.flag("images"),
        form.flag("documents"));
  }

  private static String id(YamlMapping form) throws CatalogException {
    String id = form.text("id");
    if (!MODEL_ID.matcher(id).matches()) {
      throw form.refusal("id", "must have 1 to 256 characters without spaces");
    }
    return id;
  }

  private static @Nullable String upstreamId(YamlMapping form) throws CatalogException {
    String id = form.optionalText("upstream_id");
    if (id != null && (!MODEL_ID.matcher(id).matches() || id.indexOf('*') >= 0)) {
      throw form.refusal("upstream_id", "must have 1 to 256 characters without spaces and *");
    }
    return id;
  }

  private static @Nullable TokenPrices prices(YamlMapping model) throws CatalogException {
    JsonNode node = model.value("prices");
    if (node == null) {
      return null;
    }
    YamlMapping form = YamlMapping.of(node, model.path("prices"), model.owner());
    form.requireKnown(PRICE_KEYS);
    BigDecimal input = form.price("input", null);
    return new TokenPrices(
        input,
        form.price("output", null),
        form.price("cache_write", input),
        form.price("cache_read", input));
  }
}
