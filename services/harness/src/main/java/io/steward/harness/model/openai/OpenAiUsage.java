package io.steward.harness.model.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Counts of chat completions as the Messages API counts: what was read from a cache is no input.
final class OpenAiUsage {
  private OpenAiUsage() {}

  static ObjectNode of(JsonNode usage) {
    int prompt = Math.max(0, usage.path("prompt_tokens").asInt());
    int cached =
        usage
            .at("/prompt_tokens_details/cached_tokens")
            .asInt(usage.path("prompt_cache_hit_tokens").asInt());
    int read = Math.clamp(cached, 0, prompt);
    return JsonNodeFactory.instance
        .objectNode()
        .put("input_tokens", prompt - read)
        .put("cache_read_input_tokens", read)
        .put("output_tokens", Math.max(0, usage.path("completion_tokens").asInt()));
  }
}
