package io.steward.agentconfig.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.steward.agentconfig.Settings;
import io.steward.schemas.model.ModelCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogSourceTest {
  private static ModelCatalog catalog(String models) {
    Settings settings =
        new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(Settings.class)
            .withSources(
                new EnvConfigSource(Map.of("STEWARD_API_KEY", "k", "STEWARD_MODELS", models), 300))
            .build()
            .getConfigMapping(Settings.class);
    return new CatalogSource().catalog(settings);
  }

  @Test
  void without_a_file_the_shipped_catalog_is_used() {
    assertEquals(ModelCatalog.shipped().named(), catalog("").named());
  }

  @Test
  void a_file_that_breaks_a_rule_stops_the_service_with_the_sentence(@TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("models.yaml"), "providers: {a: {kind: azure}}");

    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> catalog(file.toString()));

    assertEquals(
        file
            + ": `providers.a.kind` is \"azure\", but must be one of anthropic, bedrock, vertex,"
            + " openai.",
        e.getMessage());
  }
}
