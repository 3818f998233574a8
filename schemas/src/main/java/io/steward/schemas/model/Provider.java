package io.steward.schemas.model;

import org.jspecify.annotations.Nullable;

/// A service that answers model requests.
///
/// @param baseUrl without `/v1` and without a slash at its end; null for the kind's own default
/// @param apiKeyEnv name of the environment variable of the harness that holds the key, or for
///   `vertex` the JSON of the credentials; the key itself is never in the file
/// @param region of `bedrock` and `vertex`, null for others
/// @param project of `vertex`, null for others
public record Provider(
    Kind kind,
    @Nullable String baseUrl,
    @Nullable String apiKeyEnv,
    @Nullable String region,
    @Nullable String project) {

  /// Which protocol a provider speaks.
  public enum Kind {
    ANTHROPIC,
    BEDROCK,
    VERTEX,
    /// Any endpoint that is compatible with OpenAI's chat completions.
    OPENAI
  }
}
