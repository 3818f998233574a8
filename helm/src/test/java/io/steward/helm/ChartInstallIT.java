package io.steward.helm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.UpgradeCommand;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The whole of Steward, installed by Helm on a real cluster: a session runs a command in a pod.
/// Asks for nodes that have the images, and that are this machine when there is no StorageClass.
@Timeout(900)
class ChartInstallIT {
  private static final String NAME = "ChartInstallIT";
  private static final Duration TURN_MAX = Duration.ofMinutes(2);
  private static final int READY_SECONDS_MAX = 400;
  private static final JsonMapper JSON = new JsonMapper();

  private final String namespace = "steward-it-" + UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, String> values = new LinkedHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void an_installed_steward_runs_a_command_in_a_pod_and_keeps_its_secrets_when_upgraded(
      @TempDir Path directory) throws Exception {
    try (Cluster cluster = Cluster.orSkip(NAME);
        BashModel model = BashModel.start("echo in a pod of $(id -u)")) {
      chooseImages(cluster);
      cluster.createNamespace(namespace);
      try {
        prepare(cluster, model, directory);
        install(cluster);
        String key = secret(cluster, "api-key");

        String result = session(cluster, key);

        assertTrue(result.contains("in a pod of 1000"), result);
        upgrade(cluster);
        assertEquals(key, secret(cluster, "api-key"));
      } finally {
        remove(cluster);
      }
    }
  }

  private void chooseImages(Cluster cluster) {
    for (String service :
        List.of("agent-config", "session-log", "harness", "sandbox", "vault-proxy")) {
      choose(cluster, null, "steward/" + service + ":0.1.0");
    }
    choose(cluster, "trial.kafka.image", "apache/kafka:4.3.1", "stand-in/kafka:4.3.1");
    choose(cluster, "trial.postgresql.image", "postgres:18", "stand-in/postgres:18");
    choose(cluster, "sandboxes.image", "steward/sandbox-tools:0.1.0", "steward/sandbox-test:1");
  }

  private void choose(Cluster cluster, @Nullable String value, String... images) {
    String image =
        cluster
            .image(images)
            .orElseThrow(() -> Cluster.skip(NAME, "no node has the image " + images[0]));
    if (value != null) {
      values.put(value, image);
    }
  }

  private void prepare(Cluster cluster, BashModel model, Path directory) throws IOException {
    values.put("models.baseUrl", "http://" + cluster.nodeAddress() + ":" + model.port());
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
      fixAddresses(cluster);
    }
    if (cluster.client().storage().v1().storageClasses().list().getItems().isEmpty()) {
      offerVolume(cluster, directory);
    }
  }

  /// Without DNS pods know three names, at addresses that are chosen here.
  private void fixAddresses(Cluster cluster) {
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

  private void offerVolume(Cluster cluster, Path directory) throws IOException {
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

  private void install(Cluster cluster) {
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

  private void upgrade(Cluster cluster) {
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

  private String secret(Cluster cluster, String key) {
    Secret secret =
        cluster.client().secrets().inNamespace(namespace).withName("steward-trial").get();
    return new String(Base64.getDecoder().decode(secret.getData().get(key)), UTF_8);
  }

  /// Makes an agent, an environment and a session, and answers what the command in it printed.
  private String session(Cluster cluster, String key) throws Exception {
    try (LocalPortForward config = forward(cluster, "steward-agent-config");
        LocalPortForward log = forward(cluster, "steward-session-log")) {
      String agent =
          id(
              post(
                  config,
                  "/v1/agents",
                  key,
                  """
                  {"name":"chart","model":"claude-haiku-5-5","tools":[{"type":"agent_toolset_20260401"}]}
                  """));
      String environment = id(post(config, "/v1/environments", key, "{\"name\":\"chart\"}"));
      String session =
          id(
              post(
                  log,
                  "/v1/sessions",
                  key,
                  "{\"agent\":\"%s\",\"environment_id\":\"%s\"}".formatted(agent, environment)));
      post(
          log,
          "/v1/sessions/" + session + "/events",
          key,
          """
          {"events":[{"type":"user.message","content":[{"type":"text","text":"Go."}]}]}
          """);
      return result(log, session, key);
    }
  }

  private LocalPortForward forward(Cluster cluster, String service) {
    return cluster.client().services().inNamespace(namespace).withName(service).portForward(80);
  }

  private String result(LocalPortForward log, String session, String key) throws Exception {
    long deadline = System.nanoTime() + TURN_MAX.toNanos();
    String events = "";
    while (System.nanoTime() < deadline) {
      events =
          send(request(log, "/v1/sessions/" + session + "/events?limit=100", key).GET().build());
      if (events.contains("\"agent.tool_result\"")) {
        return events;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
    }
    throw new AssertionError("no result of the tool within " + TURN_MAX + ": " + events);
  }

  private String post(LocalPortForward to, String path, String key, String body) throws Exception {
    return send(
        request(to, path, key)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static HttpRequest.Builder request(LocalPortForward to, String path, String key) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to.getLocalPort() + path))
        .timeout(Duration.ofSeconds(60))
        .header("x-api-key", key);
  }

  private String send(HttpRequest request) throws Exception {
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(2, response.statusCode() / 100, response::body);
    return response.body();
  }

  private static String id(String object) throws IOException {
    JsonNode tree = JSON.readTree(object);
    return tree.path("id").asText();
  }

  private void remove(Cluster cluster) {
    Helm.uninstall(ValueSet.RELEASE)
        .withNamespace(namespace)
        .withKubeConfig(cluster.kubeconfig())
        .ignoreNotFound()
        .call();
    cluster.removeNamespace(namespace);
    cluster.client().persistentVolumes().withName(namespace).delete();
  }
}
