package io.steward.agentconfig.environments;

import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentConfig.CloudConfig;
import io.steward.schemas.agent.EnvironmentConfig.SelfHostedConfig;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;

/// Which environments may get one more key.
final class KeyRules {
  /// The most keys of one environment: enough for a key per machine of a small fleet, and few
  /// enough for every session-log to know all of them.
  static final int KEYS_MAX = 100;

  private KeyRules() {}

  /// @param keys how many the environment has
  /// @throws ApiException 400 when it has workers of this server, is archived
  ///   (`environment_archived`) or has as many keys as it may
  static void requireRoom(Environment environment, long keys) {
    switch (environment.config()) {
      case CloudConfig _ ->
          throw refusal(
              environment,
              "is of `config.type` \"cloud\": only a \"self_hosted\" one has workers that need a"
                  + " key.");
      case SelfHostedConfig _ -> {}
    }
    if (environment.archivedAt() != null) {
      throw new ApiException(
          ApiError.invalid(
              "Environment "
                  + environment.id()
                  + " is archived and gets no new keys; those it has go on.",
              "environment_archived"));
    }
    if (keys >= KEYS_MAX) {
      throw refusal(
          environment,
          "has %d keys, and %d is the most there may be: delete one first."
              .formatted(keys, KEYS_MAX));
    }
  }

  private static ApiException refusal(Environment environment, String rule) {
    return new ApiException(ApiError.invalid("Environment " + environment.id() + " " + rule));
  }
}
