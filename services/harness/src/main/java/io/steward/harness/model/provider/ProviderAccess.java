package io.steward.harness.model.provider;

import io.steward.harness.model.ConnectionLimits;
import io.steward.harness.model.ModelEndpoint;
import io.steward.harness.model.Secret;
import io.steward.schemas.model.Provider;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where a provider of the catalog is asked, and with which key.
public final class ProviderAccess {
  private static final String ANTHROPIC = "https://api.anthropic.com";

  private final String anthropicBaseUrl;
  private final Optional<Secret> anthropicKey;
  private final Function<String, @Nullable String> environment;
  private final ConnectionLimits limits;

  /// What came of looking a provider up.
  sealed interface Access {
    record Granted(ModelEndpoint endpoint) implements Access {}

    /// @param sentence what is missing, for people
    record Missing(String sentence) implements Access {}
  }

  /// @param anthropicBaseUrl address of providers of kind `anthropic` that name none
  /// @param anthropicKey key of those whose own variable is not set
  /// @param environment an environment variable's value, or null
  public ProviderAccess(
      String anthropicBaseUrl,
      Optional<Secret> anthropicKey,
      Function<String, @Nullable String> environment,
      ConnectionLimits limits) {
    this.anthropicBaseUrl = anthropicBaseUrl;
    this.anthropicKey = anthropicKey;
    this.environment = environment;
    this.limits = limits;
  }

  /// @param name of the provider in the catalog
  Access of(String name, Provider provider) {
    boolean isDefault = provider.kind() == Provider.Kind.ANTHROPIC && provider.baseUrl() == null;
    String baseUrl = isDefault ? anthropicBaseUrl : provider.baseUrl();
    Optional<Secret> key = key(provider);
    if (key.isEmpty() && isDefault) {
      key = anthropicKey;
    }
    boolean needsKey = provider.apiKeyEnv() != null;
    if (isDefault) {
      needsKey = anthropicBaseUrl.equals(ANTHROPIC);
    }
    if (needsKey && key.isEmpty()) {
      return new Access.Missing(
          "The model provider `%s` has no key: the environment variable %s of the harness is not set."
              .formatted(
                  name,
                  provider.apiKeyEnv() == null ? "STEWARD_MODEL_API_KEY" : provider.apiKeyEnv()));
    }
    return new Access.Granted(
        new ModelEndpoint(
            baseUrl, key.orElse(null), provider.region(), provider.project(), limits));
  }

  private Optional<Secret> key(Provider provider) {
    return Optional.ofNullable(provider.apiKeyEnv())
        .map(environment)
        .filter(value -> !value.isBlank())
        .map(Secret::new);
  }
}
