package io.steward.devbox.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.devbox.demo.DemoModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelKeysTest {
  private static final String MODELS =
      """
      providers:
        local: {kind: openai, base_url: "http://127.0.0.1:8000", api_key_env: LOCAL_KEY}
        cloud: {kind: bedrock, region: eu-central-1}
      active_hour: 0
      models:
        - {id: "local-*", provider: local, context_window: 1000, output_tokens_max: 100}
        - {id: "cloud-*", provider: cloud, context_window: 1000, output_tokens_max: 100}
      """;

  @TempDir private Path directory;

  @Test
  void only_what_the_providers_name_is_passed_on() throws Exception {
    Path file = Files.writeString(directory.resolve("models.yaml"), MODELS);

    assertEquals(
        Set.of("LOCAL_KEY", "AWS_PROFILE"),
        ModelKeys.of(
                Optional.of(file),
                Map.of("LOCAL_KEY", "a", "AWS_PROFILE", "b", "GOOGLE_X", "c", "OTHER_KEY", "d"))
            .keySet());
  }

  @Test
  void the_catalog_of_the_demo_model_is_one() throws Exception {
    Path file = Files.writeString(directory.resolve("demo.yaml"), DemoModel.CATALOG);

    assertEquals(Map.of(), ModelKeys.of(Optional.of(file), Map.of("ANTHROPIC_API_KEY", "a")));
  }

  @Test
  void a_bad_file_refuses_the_start_with_its_reason() throws Exception {
    Path file = Files.writeString(directory.resolve("models.yaml"), "models: []\n");

    StartRefused refused =
        assertThrows(StartRefused.class, () -> ModelKeys.of(Optional.of(file), Map.of()));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("The models cannot be used: "));
  }
}
