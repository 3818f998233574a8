package io.steward.helm;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// The cluster `KUBECONFIG` names.
record Cluster(Path kubeconfig, KubernetesClient client) implements AutoCloseable {
  private static final long GONE_SECONDS_MAX = 120;

  /// The cluster, or the end of the test with one line that says why.
  static Cluster orSkip(String test) {
    String file = System.getenv("KUBECONFIG");
    if (file == null || !Files.isReadable(Path.of(file))) {
      throw skip(test, "KUBECONFIG names no readable file");
    }
    Path path = Path.of(file);
    KubernetesClient client =
        new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(path.toFile())).build();
    return new Cluster(path, client);
  }

  /// Never returns.
  static IllegalStateException skip(String test, String why) {
    System.out.println(test + ": skipped, " + why);
    Assumptions.abort(why);
    return new IllegalStateException(why);
  }

  String version() {
    return client.getKubernetesVersion().getGitVersion();
  }

  /// The first of `images` that a node has, as it was asked for.
  Optional<String> image(String... images) {
    List<String> there =
        client.nodes().list().getItems().stream()
            .flatMap(node -> node.getStatus().getImages().stream())
            .map(ContainerImage::getNames)
            .filter(Objects::nonNull)
            .flatMap(List::stream)
            .toList();
    for (String image : images) {
      if (List.of("", "docker.io/", "docker.io/library/").stream()
          .anyMatch(registry -> there.contains(registry + image))) {
        return Optional.of(image);
      }
    }
    return Optional.empty();
  }

  /// The address of a node, at which pods reach servers on it.
  String nodeAddress() {
    Node node = client.nodes().list().getItems().getFirst();
    return node.getStatus().getAddresses().stream()
        .filter(address -> address.getType().equals("InternalIP"))
        .map(NodeAddress::getAddress)
        .findFirst()
        .orElseThrow();
  }

  boolean hasDns() {
    return !client
        .services()
        .inNamespace("kube-system")
        .withLabel("k8s-app", "kube-dns")
        .list()
        .getItems()
        .isEmpty();
  }

  /// An address out of the range of Services, counted from its beginning.
  String serviceAddress(int last) {
    String first =
        client
            .services()
            .inNamespace("default")
            .withName("kubernetes")
            .get()
            .getSpec()
            .getClusterIP();
    return first.substring(0, first.lastIndexOf('.') + 1) + last;
  }

  void createNamespace(String name) {
    client
        .namespaces()
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
  }

  void removeNamespace(String name) {
    client.namespaces().withName(name).withTimeout(GONE_SECONDS_MAX, TimeUnit.SECONDS).delete();
  }

  @Override
  public void close() {
    client.close();
  }
}
