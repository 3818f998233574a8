package io.steward.harness.model.anthropic;

import com.anthropic.vertex.backends.VertexBackend;
import com.google.auth.oauth2.GoogleCredentials;
import io.steward.harness.decide.IdSource;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ModelEndpoint;
import java.io.IOException;

/// Models on Google Cloud's Vertex AI.
public final class VertexAccess {
  private static final String SCOPE = "https://www.googleapis.com/auth/cloud-platform";

  private VertexAccess() {}

  /// With the credentials that Google's library finds: a file that the environment names, the
  /// machine's own.
  ///
  /// @throws IOException when there are none or they cannot be read
  public static ModelClient client(
      ModelEndpoint endpoint, String region, String project, IdSource ids) throws IOException {
    return client(endpoint, region, project, GoogleCredentials.getApplicationDefault(), ids);
  }

  static ModelClient client(
      ModelEndpoint endpoint,
      String region,
      String project,
      GoogleCredentials credentials,
      IdSource ids) {
    VertexBackend.Builder backend =
        VertexBackend.builder()
            .googleCredentials(
                credentials.createScopedRequired() ? credentials.createScoped(SCOPE) : credentials)
            .region(region)
            .project(project);
    if (endpoint.baseUrl() != null) {
      backend.baseUrl(endpoint.baseUrl());
    }
    return AnthropicModelClient.of(backend.build(), endpoint, ids);
  }
}
