package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;

/// A namespace of the cluster of `KUBECONFIG` in which agent-sandbox can be used. Its kinds are
/// installed unless the cluster has them, and go again.
final class AgentCluster implements AutoCloseable {
  private static final String SERVICE = "sandbox-service";

  private final TestCluster cluster = new TestCluster();
  private final List<HasMetadata> installed;

  AgentCluster() {
    installed = isThere(cluster.client()) ? List.of() : install(cluster.client());
  }

  static boolean isThere(KubernetesClient client) {
    return AgentApi.missing(client).isEmpty();
  }

  private static List<HasMetadata> install(KubernetesClient client) {
    InputStream kinds =
        Objects.requireNonNull(AgentCluster.class.getResourceAsStream("/agent-sandbox/crds.yaml"));
    List<HasMetadata> made =
        client.load(kinds).items().stream()
            .<HasMetadata>map(kind -> client.resource(kind).serverSideApply())
            .toList();
    TestCluster.await("the kinds of agent-sandbox are served", () -> isThere(client));
    return made;
  }

  TestCluster cluster() {
    return cluster;
  }

  /// A client that may do in the namespace what `KUBERNETES.md` asks for, and nothing else.
  KubernetesClient restricted() throws IOException {
    Matcher role =
        Pattern.compile("## agent-sandbox.*?```yaml\n(rules:.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("KUBERNETES.md")));
    Assertions.assertTrue(role.find());
    Role rights = Serialization.unmarshal(role.group(1), Role.class);
    rights.setMetadata(
        new ObjectMetaBuilder().withName(SERVICE).withNamespace(cluster.namespace()).build());
    cluster.client().resource(rights).create();
    cluster
        .client()
        .resource(
            new RoleBindingBuilder()
                .withNewMetadata()
                .withName(SERVICE)
                .withNamespace(cluster.namespace())
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", SERVICE)
                .addNewSubject("rbac.authorization.k8s.io", "User", SERVICE, null)
                .build())
        .create();
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(cluster.client().getConfiguration())
                .withImpersonateUsername(SERVICE)
                .build())
        .build();
  }

  AgentApi api() {
    return new AgentApi(cluster.client(), cluster.namespace());
  }

  List<GenericKubernetesResource> all(AgentApi.Kind kind) {
    return api().all(kind).list().getItems();
  }

  /// Everything but the objects that go with what was deleted here.
  void clear() {
    for (AgentApi.Kind kind : AgentApi.Kind.values()) {
      api().all(kind).delete();
    }
    PodRemoval removal = new PodRemoval(cluster.client());
    cluster.pods().forEach(removal::remove);
    cluster.client().leases().inNamespace(cluster.namespace()).delete();
    cluster.client().resourceQuotas().inNamespace(cluster.namespace()).delete();
  }

  @Override
  public void close() {
    clear();
    KubernetesClient client = cluster.client();
    installed.forEach(kind -> client.resource(kind).delete());
    if (!installed.isEmpty()) {
      TestCluster.await("the kinds of agent-sandbox are gone", () -> !isThere(client));
    }
    cluster.close();
  }
}
