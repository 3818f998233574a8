package io.steward.harness.model.anthropic;

import com.anthropic.backends.Backend;
import com.anthropic.bedrock.backends.BedrockBackend;
import com.anthropic.bedrock.backends.BedrockMantleBackend;
import io.steward.harness.decide.IdSource;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ModelEndpoint;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/// Models on Amazon Bedrock.
public final class BedrockAccess {
  private BedrockAccess() {}

  /// With a Bedrock API key, or else with whatever the AWS SDK finds: environment, profile, the
  /// machine's role. Credentials are looked up when the first request is made.
  ///
  /// @param endpoint an address of its own is one that speaks the Messages API with AWS credentials
  public static ModelClient client(ModelEndpoint endpoint, String region, IdSource ids) {
    return AnthropicModelClient.of(backend(endpoint, Region.of(region)), endpoint, ids);
  }

  private static Backend backend(ModelEndpoint endpoint, Region region) {
    if (endpoint.baseUrl() != null) {
      BedrockMantleBackend.Builder own =
          BedrockMantleBackend.builder().region(region).baseUrl(endpoint.baseUrl());
      return endpoint.apiKey() == null
          ? own.awsCredentialsProvider(DefaultCredentialsProvider.builder().build()).build()
          : own.apiKey(endpoint.apiKey().value()).build();
    }
    BedrockBackend.Builder bedrock = BedrockBackend.builder().region(region);
    return endpoint.apiKey() == null
        ? bedrock.awsCredentialsProvider(DefaultCredentialsProvider.builder().build()).build()
        : bedrock.apiKey(endpoint.apiKey().value()).build();
  }
}
