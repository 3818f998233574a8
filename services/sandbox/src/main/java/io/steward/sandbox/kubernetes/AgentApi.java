package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The objects of `kubernetes-sigs/agent-sandbox` in one namespace, in the version of its API that
/// this service speaks.
final class AgentApi {
  static final String VERSION = "v1beta1";

  private static final String CORE = "agents.x-k8s.io";
  private static final String EXTENSIONS = "extensions.agents.x-k8s.io";

  /// The kinds we use.
  enum Kind {
    /// A pod and what belongs to it, made of a template. Its pod has its name.
    SANDBOX(CORE, "Sandbox", "sandboxes"),
    /// What pods are like.
    TEMPLATE(EXTENSIONS, "SandboxTemplate", "sandboxtemplates"),
    /// Sandboxes that wait, of one template.
    POOL(EXTENSIONS, "SandboxWarmPool", "sandboxwarmpools"),
    /// Somebody's wish for a sandbox of a pool, and then what holds it.
    CLAIM(EXTENSIONS, "SandboxClaim", "sandboxclaims");

    private final String group;
    private final String kind;
    private final String plural;

    Kind(String group, String kind, String plural) {
      this.group = group;
      this.kind = kind;
      this.plural = plural;
    }

    String apiVersion() {
      return group + "/" + VERSION;
    }

    String kind() {
      return kind;
    }

    private static Kind named(String name) {
      return Arrays.stream(values())
          .filter(kind -> kind.kind.equals(name))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("not a kind of agent-sandbox: " + name));
    }
  }

  private final KubernetesClient client;
  private final String namespace;

  AgentApi(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  NonNamespaceOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      all(Kind kind) {
    return client
        .genericKubernetesResources(
            new ResourceDefinitionContext.Builder()
                .withGroup(kind.group)
                .withVersion(VERSION)
                .withKind(kind.kind)
                .withPlural(kind.plural)
                .withNamespaced(true)
                .build())
        .inNamespace(namespace);
  }

  Resource<GenericKubernetesResource> named(Kind kind, String name) {
    return all(kind).withName(name);
  }

  /// Where the API server has objects of a kind, up to the namespace.
  static String path(String kind) {
    return "/apis/" + Kind.named(kind).apiVersion() + "/";
  }

  /// What a kind is called in paths.
  static String plural(String kind) {
    return Kind.named(kind).plural;
  }

  /// Which of the kinds the cluster does not have, as a sentence for the operator.
  ///
  /// @throws io.fabric8.kubernetes.client.KubernetesClientException when the cluster does not say
  static Optional<String> missing(KubernetesClient client) {
    Set<String> served =
        Arrays.stream(Kind.values())
            .map(Kind::apiVersion)
            .distinct()
            .flatMap(version -> kinds(client.getApiResources(version)))
            .collect(Collectors.toSet());
    List<String> missing =
        Arrays.stream(Kind.values())
            .filter(kind -> !served.contains(kind.kind))
            .map(kind -> kind.kind + " of " + kind.apiVersion())
            .toList();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "sandbox.kubernetes.provisioner is agent-sandbox, but the cluster has no "
                + String.join(", no ", missing)
                + ". Install a release of kubernetes-sigs/agent-sandbox that serves "
                + VERSION
                + ", with its extensions, or set the key to pods.");
  }

  private static Stream<String> kinds(@Nullable APIResourceList resources) {
    return resources == null
        ? Stream.empty()
        : resources.getResources().stream().map(APIResource::getKind);
  }
}
