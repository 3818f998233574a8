package io.steward.helm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.beta.agents.AgentCreateParams;
import com.anthropic.models.beta.agents.BetaManagedAgentsAgentToolset20260401Params;
import com.anthropic.models.beta.agents.BetaManagedAgentsModelConfigParams;
import com.anthropic.models.beta.environments.EnvironmentCreateParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.UpgradeCommand;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Steward as Helm installed it for a trial, in a namespace of its own that goes when this is
/// closed. Asks for nodes that have the images, and that are this machine when there is no
/// StorageClass.
final class Installation implements AutoCloseable {
  private static final int READY_SECONDS_MAX = 400;
  private static final int HTTP_PORT = 8080;
  private static final Duration COMMAND_BEGUN_MAX = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int EXEC_SECONDS_MAX = 10;

  private final Cluster cluster;
  private final String namespace = "steward-it-" + UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, String> values = new LinkedHashMap<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  private Installation(Cluster cluster) {
    this.cluster = cluster;
  }

  /// Installs and waits until all is ready.
  ///
  /// @param test who is skipped, in one line, when an image is missing
  /// @param modelPort of a model on this machine
  /// @param directory for blobs
  static Installation install(Cluster cluster, String test, int modelPort, Path directory)
      throws IOException {
    Installation installation = new Installation(cluster);
    installation.chooseImages(test);
    cluster.createNamespace(installation.namespace);
    try {
      installation.prepare(modelPort, directory);
      installation.install();
    } catch (IOException | RuntimeException e) {
      installation.remove();
      throw e;
    }
    return installation;
  }

  private void chooseImages(String test) {
    for (String service :
        List.of("agent-config", "session-log", "harness", "sandbox", "vault-proxy")) {
      choose(test, null, "steward/" + service + ":0.1.0");
    }
    choose(test, "trial.kafka.image", "apache/kafka:4.3.1", "stand-in/kafka:4.3.1");
    choose(test, "trial.postgresql.image", "postgres:18", "stand-in/postgres:18");
    choose(test, "sandboxes.image", "steward/sandbox-tools:0.1.0", "steward/sandbox-test:1");
  }

  private void choose(String test, @Nullable String value, String... images) {
    String image =
        cluster
            .image(images)
            .orElseThrow(() -> Cluster.skip(test, "no node has the image " + images[0]));
    if (value != null) {
      values.put(value, image);
    }
  }

  private void prepare(int modelPort, Path directory) throws IOException {
    values.put("models.baseUrl", "http://" + cluster.nodeAddress() + ":" + modelPort);
    cluster
        .client()
        .secrets()
        .inNamespace(namespace)
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("steward-model")
                .endMetadata()
                .addToStringData("model-key", "not-a-key")
                .build())
        .create();
    if (!cluster.hasDns()) {
      fixAddresses();
    }
    if (cluster.client().storage().v1().storageClasses().list().getItems().isEmpty()) {
      offerVolume(directory);
    }
  }

  /// Without DNS pods know three names, at addresses that are chosen here.
  private void fixAddresses() {
    Map<String, String> names =
        Map.of(
            "trial.kafka.clusterIP", "steward-trial-kafka",
            "trial.postgresql.clusterIP", "steward-trial-postgresql",
            "vaultProxy.egressClusterIP", "steward-egress");
    int index = 0;
    for (Map.Entry<String, String> name : names.entrySet()) {
      String address = cluster.serviceAddress(230 + index);
      values.put(name.getKey(), address);
      values.put("hostAliases[" + index + "].ip", address);
      values.put("hostAliases[" + index + "].hostnames[0]", name.getValue());
      index++;
    }
  }

  private void offerVolume(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path blobs =
        Files.setPosixFilePermissions(
            Files.createDirectory(directory.resolve("blobs")),
            PosixFilePermissions.fromString("rwxrwxrwx"));
    cluster
        .client()
        .persistentVolumes()
        .resource(
            new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(namespace)
                .endMetadata()
                .withNewSpec()
                .addToCapacity("storage", new Quantity("10Gi"))
                .withAccessModes("ReadWriteOnce")
                .withNewClaimRef()
                .withNamespace(namespace)
                .withName("steward-blobs")
                .endClaimRef()
                .withNewHostPath()
                .withPath(blobs.toString())
                .endHostPath()
                .endSpec()
                .build())
        .create();
    values.put("blobs.volume.storageClass", "-");
    values.put("trial.kafka.storage.enabled", "false");
    values.put("trial.postgresql.storage.enabled", "false");
  }

  private void install() {
    InstallCommand install =
        new Helm(ValueSet.CHART)
            .install()
            .withName(ValueSet.RELEASE)
            .withNamespace(namespace)
            .withKubeConfig(cluster.kubeconfig())
            .waitReady()
            .withTimeout(READY_SECONDS_MAX);
    ValueSet.TRIAL.files().forEach(install::withValuesFile);
    values.forEach(install::set);
    install.call();
  }

  /// Upgrades to the same chart and values.
  void upgrade() {
    UpgradeCommand upgrade =
        new Helm(ValueSet.CHART)
            .upgrade()
            .withName(ValueSet.RELEASE)
            .withNamespace(namespace)
            .withKubeConfig(cluster.kubeconfig())
            .waitReady()
            .withTimeout(READY_SECONDS_MAX);
    ValueSet.TRIAL.files().forEach(upgrade::withValuesFile);
    values.forEach(upgrade::set);
    upgrade.call();
  }

  /// The key that clients send.
  String apiKey() {
    String key =
        cluster
            .client()
            .secrets()
            .inNamespace(namespace)
            .withName("steward-trial")
            .get()
            .getData()
            .get("api-key");
    return new String(Base64.getDecoder().decode(key), UTF_8);
  }

  /// The id of a new agent with the built-in tools.
  String createAgent() {
    return client("agent-config")
        .beta()
        .agents()
        .create(
            AgentCreateParams.builder()
                .name("chart")
                .model(BetaManagedAgentsModelConfigParams.builder().id("claude-haiku-5-5").build())
                .addTool(BetaManagedAgentsAgentToolset20260401Params.builder().build())
                .build())
        .id();
  }

  /// A new session of this agent in a new environment.
  SdkSession createSession(String agent) {
    String environment =
        client("agent-config")
            .beta()
            .environments()
            .create(EnvironmentCreateParams.builder().name("of " + UUID.randomUUID()).build())
            .id();
    AnthropicClient sdk = client("session-log");
    return new SdkSession(
        sdk,
        sdk.beta()
            .sessions()
            .create(SessionCreateParams.builder().agent(agent).environmentId(environment).build())
            .id());
  }

  /// The official client, for what this service serves.
  private AnthropicClient client(String component) {
    LocalPortForward forward =
        cluster
            .client()
            .pods()
            .inNamespace(namespace)
            .withName(pod(component).getMetadata().getName())
            .portForward(HTTP_PORT);
    open.add(forward);
    return AnthropicOkHttpClient.builder()
        .baseUrl("http://127.0.0.1:" + forward.getLocalPort())
        .apiKey(apiKey())
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  private Pod pod(String component) {
    return cluster
        .client()
        .pods()
        .inNamespace(namespace)
        .withLabel("app.kubernetes.io/component", component)
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .findFirst()
        .orElseThrow();
  }

  /// Waits until a sandbox has this file.
  void awaitInSandbox(String path) throws Exception {
    long deadline = System.nanoTime() + COMMAND_BEGUN_MAX.toNanos();
    while (!isInSandbox(path)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(path + " is in no sandbox after " + COMMAND_BEGUN_MAX);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private boolean isInSandbox(String path) throws Exception {
    for (Pod pod : sandboxes()) {
      try (ExecWatch test =
          cluster.client().pods().resource(pod).redirectingOutput().exec("test", "-e", path)) {
        if (test.exitCode().get(EXEC_SECONDS_MAX, TimeUnit.SECONDS) == 0) {
          return true;
        }
      } catch (KubernetesClientException | ExecutionException | TimeoutException e) {
        // Not ready yet.
      }
    }
    return false;
  }

  private List<Pod> sandboxes() {
    return cluster.client().pods().inNamespace(namespace + "-sandboxes").list().getItems();
  }

  /// Kills the service that has the sandboxes, without a warning.
  void killSandboxService() {
    cluster.client().resource(pod("sandbox")).withGracePeriod(0).delete();
  }

  /// Deletes all pods of sandboxes without a warning, and answers how many.
  int killSandboxes() {
    List<Pod> pods = sandboxes();
    pods.forEach(pod -> cluster.client().resource(pod).withGracePeriod(0).delete());
    return pods.size();
  }

  private void remove() {
    Helm.uninstall(ValueSet.RELEASE)
        .withNamespace(namespace)
        .withKubeConfig(cluster.kubeconfig())
        .ignoreNotFound()
        .call();
    cluster.removeNamespace(namespace);
    cluster.client().persistentVolumes().withName(namespace).delete();
  }

  @Override
  public void close() throws Exception {
    try {
      for (AutoCloseable forward : open) {
        forward.close();
      }
    } finally {
      remove();
    }
  }
}
