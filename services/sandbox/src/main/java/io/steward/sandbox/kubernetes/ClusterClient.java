package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/// Connects with the cluster as Fabric8 finds it: `KUBECONFIG`, else the service account of the pod
/// this service runs in.
public final class ClusterClient {
  private static final int CONNECT_MILLIS_MAX = 5_000;
  private static final int REQUEST_MILLIS_MAX = 15_000;

  /// Tries of one request after the first; whoever asked tries again with more patience.
  private static final int RETRIES_MAX = 2;

  /// Requests at once, among them one for each sandbox that lives and one for each of its archives.
  private static final int REQUESTS_MAX = 1_000;

  private ClusterClient() {}

  /// A client that the caller closes. Asks the cluster nothing.
  public static KubernetesClient connect() {
    Config config =
        new ConfigBuilder(Config.autoConfigure(null))
            .withConnectionTimeout(CONNECT_MILLIS_MAX)
            .withRequestTimeout(REQUEST_MILLIS_MAX)
            .withRequestRetryBackoffLimit(RETRIES_MAX)
            .withMaxConcurrentRequests(REQUESTS_MAX)
            .withMaxConcurrentRequestsPerHost(REQUESTS_MAX)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
