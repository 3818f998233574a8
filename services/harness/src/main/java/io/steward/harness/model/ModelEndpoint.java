package io.steward.harness.model;

import org.jspecify.annotations.Nullable;

/// Where models are and how they may be asked.
///
/// @param baseUrl without `/v1`; null for the provider's own address
/// @param apiKey null for what the machine itself is allowed, as clouds have it
/// @param region of a cloud, or null
/// @param project of a cloud, or null
public record ModelEndpoint(
    @Nullable String baseUrl,
    @Nullable Secret apiKey,
    @Nullable String region,
    @Nullable String project,
    ConnectionLimits limits) {

  private static final String NO_KEY = "none";

  /// The key, or what is sent to a server that wants none.
  public String apiKeyOrNone() {
    return apiKey == null ? NO_KEY : apiKey.value();
  }

  /// `text` with the key masked, wherever a server quotes it.
  public String masked(String text) {
    return apiKey == null ? text : apiKey.masked(text);
  }
}
