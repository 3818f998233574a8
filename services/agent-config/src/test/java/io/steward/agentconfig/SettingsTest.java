package io.steward.agentconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Keys and defaults are public API.
class SettingsTest {
  private static Settings settings(Map<String, String> environment) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(Settings.class)
        .withSources(new EnvConfigSource(environment, 300))
        .build()
        .getConfigMapping(Settings.class);
  }

  @Test
  void only_the_key_is_required() {
    Settings settings = settings(Map.of("STEWARD_API_KEY", "k"));

    assertEquals("k", settings.apiKey());
    assertEquals(Path.of(".steward/blobs"), settings.blobDir());
    assertEquals(Optional.empty(), settings.blobS3().bucket());
    assertEquals(Duration.ofSeconds(5), settings.publishTimeout());
    assertEquals(Duration.ofSeconds(5), settings.sessionsTimeout());
    assertEquals(Duration.ofSeconds(5), settings.databaseTimeout());
    assertEquals(Optional.empty(), settings.models());
  }

  @Test
  void every_key_can_be_an_environment_variable() {
    Settings settings =
        settings(
            Map.of(
                "STEWARD_API_KEY", "k",
                "STEWARD_BLOB_DIR", "/blobs",
                "STEWARD_BLOB_S3_BUCKET", "blobs",
                "STEWARD_BLOB_S3_PATH_STYLE", "true",
                "STEWARD_PUBLISH_TIMEOUT", "1s",
                "STEWARD_MODELS", "/etc/models.yaml",
                "STEWARD_MODEL_BASE_URL", "http://models",
                "STEWARD_MODEL_API_KEY", "m",
                "STEWARD_SESSION_PARTITIONS", "8"));

    assertEquals(Path.of("/blobs"), settings.blobDir());
    assertEquals(Optional.of("blobs"), settings.blobS3().bucket());
    assertEquals(Optional.of("true"), settings.blobS3().pathStyle());
    assertEquals(Duration.ofSeconds(1), settings.publishTimeout());
    assertEquals(Optional.of(Path.of("/etc/models.yaml")), settings.models());
  }

  @Test
  void an_empty_variable_means_the_shipped_models() {
    assertEquals(
        Optional.empty(), settings(Map.of("STEWARD_API_KEY", "k", "STEWARD_MODELS", "")).models());
  }

  @Test
  void without_a_key_the_service_does_not_start() {
    assertThrows(ConfigValidationException.class, () -> settings(Map.of()));
  }

  @Test
  void a_duration_needs_a_unit_that_is_known() {
    Map<String, String> environment =
        Map.of("STEWARD_API_KEY", "k", "STEWARD_PUBLISH_TIMEOUT", "soon");

    assertThrows(ConfigValidationException.class, () -> settings(environment));
  }
}
