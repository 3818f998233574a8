package io.steward.e2e.stage;

import io.steward.e2e.model.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The models of a stage, as an operator would write them down for `STEWARD_MODELS`. All are played
/// by one scripted model.
public final class ModelsFile {
  /// A model behind an endpoint that is compatible with OpenAI's.
  public static final String CHAT_MODEL = "gpt-local";

  /// A model without list prices.
  public static final String UNPRICED_MODEL = "unpriced";

  /// The models that are named without a pattern, in order.
  public static final List<String> NAMED =
      List.of(ScriptedModel.SMALL_MODEL, CHAT_MODEL, UNPRICED_MODEL);

  private static final String CHAT_KEY_VARIABLE = "GPT_LOCAL_API_KEY";
  private static final String ENTRY =
      """
        - id: %s
          provider: %s
          display_name: %s
          created_at: 2026-01-01T00:00:00Z
          lifecycle: active
          context_window: %d
          output_tokens_max: %d
          compact_at: 0.8
          %s
          efforts: [low, medium, high, xhigh, max]
          images: true
          documents: true
      """;
  private static final String PRICES =
      "prices: {input: 3, output: 15, cache_write: 3.75, cache_read: 0.3}";

  private ModelsFile() {}

  /// Writes the file into `directory`; answers the settings that name it.
  public static Map<String, String> write(Path directory, String modelUrl, String modelKey)
      throws IOException {
    String text =
        """
        providers:
          anthropic: {kind: anthropic, base_url: "%s", api_key_env: STEWARD_MODEL_API_KEY}
          local: {kind: openai, base_url: "%s", api_key_env: %s}
        active_hour: 0.08
        models:
        """
            .formatted(modelUrl, modelUrl, CHAT_KEY_VARIABLE);
    String small = ScriptedModel.SMALL_MODEL;
    Path file = directory.resolve("models.yaml");
    Files.writeString(
        file,
        text
            + entry("claude-*", "anthropic", 200_000, 32_000, PRICES)
            + entry(small, "anthropic", ScriptedModel.SMALL_WINDOW, 4_000, PRICES)
            + entry(CHAT_MODEL, "local", 128_000, 8_000, PRICES)
            + entry(UNPRICED_MODEL, "anthropic", 200_000, 32_000, ""));
    return Map.of(
        "STEWARD_MODELS", file.toString(), CHAT_KEY_VARIABLE, ScriptedModel.chatKey(modelKey));
  }

  private static String entry(
      String id, String provider, int window, int outputTokensMax, String prices) {
    return ENTRY.formatted(id, provider, id.replace("*", "any"), window, outputTokensMax, prices);
  }
}
