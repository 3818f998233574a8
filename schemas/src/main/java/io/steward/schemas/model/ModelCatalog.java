package io.steward.schemas.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The models that can be used. Every service reads the same file, `STEWARD_MODELS`; without one,
/// the catalog that is shipped. Read once at start; a value that never changes.
public final class ModelCatalog {
  private final Map<String, Provider> providers;
  private final Map<String, CatalogModel> named = new LinkedHashMap<>();
  private final List<CatalogModel> patterns;
  private final BigDecimal activeHour;
  private final @Nullable BigDecimal thousandSearches;

  /// @param models in the order of the file, each id once, each provider one of `providers`
  /// @param thousandSearches null when they cost nothing
  ModelCatalog(
      Map<String, Provider> providers,
      List<CatalogModel> models,
      BigDecimal activeHour,
      @Nullable BigDecimal thousandSearches) {
    this.providers = Map.copyOf(providers);
    models.stream()
        .filter(Predicate.not(CatalogModel::isPattern))
        .forEach(model -> named.put(model.id(), model));
    this.patterns = models.stream().filter(CatalogModel::isPattern).toList();
    this.activeHour = activeHour;
    this.thousandSearches = thousandSearches;
  }

  /// The catalog in `file`, or the shipped one.
  ///
  /// @throws IOException when the file cannot be read, or as [CatalogException] with the sentence
  ///   that names the entry, the value and the rule it breaks
  public static ModelCatalog load(Optional<Path> file) throws IOException {
    return file.isPresent() ? CatalogFile.load(file.get()) : CatalogFile.shipped();
  }

  /// The catalog that is shipped.
  public static ModelCatalog shipped() {
    try {
      return CatalogFile.shipped();
    } catch (IOException e) {
      throw new UncheckedIOException("the shipped catalog is broken, which is a bug", e);
    }
  }

  /// The catalog in a text.
  ///
  /// @throws CatalogException with the sentence that names the entry, the value and the rule
  public static ModelCatalog parse(String yaml) throws CatalogException {
    return CatalogFile.parse(yaml.getBytes(StandardCharsets.UTF_8), "the text");
  }

  /// The entry that serves `modelId`: the one with exactly this id, else the first whose pattern
  /// matches. A pattern is no model: what has a `*` in it is served by nobody.
  public Optional<CatalogModel> find(String modelId) {
    if (modelId.indexOf('*') >= 0) {
      return Optional.empty();
    }
    return Optional.ofNullable(named.get(modelId))
        .or(() -> patterns.stream().filter(model -> matches(model.id(), modelId)).findFirst());
  }

  /// Prices of a session of that model as of now; empty when it has no list price.
  public Optional<ListPrices> prices(String modelId) {
    return find(modelId).flatMap(model -> model.listPrices(activeHour, thousandSearches));
  }

  /// The providers by name.
  public Map<String, Provider> providers() {
    return providers;
  }

  /// The models that are named without a pattern, in the order of the file.
  public List<CatalogModel> named() {
    return List.copyOf(named.values());
  }

  /// Whether `*` of a pattern can stand for something that makes it `modelId`. Each part is taken
  /// where it comes first, so that the time is that of reading the id once per part.
  private static boolean matches(String pattern, String modelId) {
    String[] parts = pattern.split("\\*", -1);
    String last = parts[parts.length - 1];
    if (!modelId.startsWith(parts[0])) {
      return false;
    }
    int at = parts[0].length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = modelId.indexOf(parts[i], at);
      if (found < 0) {
        return false;
      }
      at = found + parts[i].length();
    }
    return modelId.length() - last.length() >= at && modelId.endsWith(last);
  }
}
