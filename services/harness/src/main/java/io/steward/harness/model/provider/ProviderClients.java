package io.steward.harness.model.provider;

import io.steward.harness.decide.IdSource;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ModelEndpoint;
import io.steward.harness.model.anthropic.AnthropicModelClient;
import io.steward.harness.model.anthropic.BedrockAccess;
import io.steward.harness.model.anthropic.VertexAccess;
import io.steward.harness.model.openai.OpenAiModelClient;
import io.steward.schemas.model.Provider;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Makes the client of a provider. Each branch names one class, so that the libraries of protocols
/// nobody uses are never loaded.
final class ProviderClients {
  static {
    PromptSockets.use();
  }

  private ProviderClients() {}

  /// @throws IOException with the sentence that says why there can be no client
  static ModelClient open(Provider.Kind kind, ModelEndpoint endpoint, IdSource ids)
      throws IOException {
    return switch (kind) {
      case ANTHROPIC -> AnthropicModelClient.direct(endpoint, ids);
      case OPENAI -> OpenAiModelClient.of(endpoint, ids);
      case BEDROCK -> BedrockAccess.client(endpoint, needed("region", endpoint.region()), ids);
      case VERTEX ->
          VertexAccess.client(
              endpoint,
              needed("region", endpoint.region()),
              needed("project", endpoint.project()),
              ids);
    };
  }

  private static String needed(String field, @Nullable String value) throws IOException {
    if (value == null || value.isBlank()) {
      throw new IOException("the catalog names no " + field + " for it");
    }
    return value;
  }
}
