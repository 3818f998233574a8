package io.steward.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.steward.sandbox.driver.NoneDriver;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.egress.ProxyAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SandboxSettingsTest {
  private static final Function<SandboxLimits, SandboxDriver> KUBERNETES =
      _ -> new NoneDriver("no cluster in this test");

  private static SandboxSettings settings(Map<String, String> properties) {
    try {
      SmallRyeConfig config =
          new SmallRyeConfigBuilder()
              .addDefaultInterceptors()
              .withSources(
                  new PropertiesConfigSource(
                      SandboxSettingsTest.class.getResource(
                          "/META-INF/microprofile-config.properties"),
                      100))
              .withSources(new PropertiesConfigSource(properties, "test", 500))
              .withConverter(Duration.class, 100, SandboxSettingsTest::duration)
              .withMapping(SandboxSettings.class)
              .build();
      return config.getConfigMapping(SandboxSettings.class);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// As Quarkus reads durations.
  private static Duration duration(String text) {
    return text.endsWith("ms")
        ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
        : text.endsWith("d") ? Duration.parse("P" + text) : Duration.parse("PT" + text);
  }

  @Test
  void every_key_has_its_documented_default() {
    SandboxSettings settings = settings(Map.of());

    assertEquals("auto", settings.driver());
    assertEquals(Path.of(".steward/sandboxes"), settings.dir());
    assertEquals(Path.of(".steward/blobs"), settings.blobDir());
    assertEquals(Optional.empty(), settings.blobS3().bucket());
    assertEquals("localhost:9092", settings.bootstrapServers());
    assertEquals(Optional.empty(), settings.egressProxy());
    assertEquals(Duration.ofMinutes(15), settings.idle());
    assertEquals(200, settings.sandboxesMax());
    assertEquals(Duration.ofMinutes(2), settings.preparedIdle());
    assertEquals(8, settings.preparationsMax());
    assertEquals(256, settings.callsMax());
    assertEquals(500, settings.commandsOpenMax());
    assertEquals(Duration.ofSeconds(5), settings.drain());
    assertEquals(Duration.ofSeconds(30), settings.instanceSilence());
    assertEquals(2L << 30, settings.savePoints().bytesMax());
    assertEquals(250_000, settings.savePoints().filesMax());
    assertEquals(Duration.ofMinutes(1), settings.savePoints().timeout());
    assertEquals(2, settings.savePoints().atOnce());
    assertEquals(Duration.ofSeconds(10), settings.savePoints().patience());
    assertEquals(Duration.ofSeconds(120), settings.timeout());
    assertEquals(Duration.ofMillis(500), settings.stopGrace());
    assertEquals(2L << 30, settings.memoryBytesMax());
    assertEquals(512, settings.processesMax());
    assertEquals(1L << 30, settings.workspaceBytesMax());
    assertEquals(250_000, settings.workspaceFilesMax());
    assertEquals(500L << 20, settings.outputsFileBytesMax());
    assertEquals(1000, settings.outputsFilesMax());
    assertEquals(10L << 30, settings.outputsBytesMax());
    assertEquals(512L << 20, settings.tmpBytesMax());
    assertEquals(256L << 20, settings.outputFileBytesMax());
    assertEquals(Duration.ofDays(8), settings.journalKept());
    assertEquals(Optional.empty(), settings.readOnlyPaths());
  }

  @Test
  void the_bucket_is_the_one_of_all_services() {
    SandboxSettings settings =
        settings(
            Map.of(
                "STEWARD_BLOB_S3_BUCKET", "blobs",
                "STEWARD_BLOB_S3_PREFIX", "steward",
                "STEWARD_BLOB_S3_REGION", "eu-central-1",
                "STEWARD_BLOB_S3_ENDPOINT", "http://minio:9000",
                "STEWARD_BLOB_S3_PATH_STYLE", "true"));

    assertEquals(Optional.of("blobs"), settings.blobS3().bucket());
    assertEquals(Optional.of("steward"), settings.blobS3().prefix());
    assertEquals(Optional.of("eu-central-1"), settings.blobS3().region());
    assertEquals(Optional.of("http://minio:9000"), settings.blobS3().endpoint());
    assertEquals(Optional.of("true"), settings.blobS3().pathStyle());
  }

  @Test
  void every_key_of_packages_has_its_documented_default() {
    SandboxSettings.PackageSettings packages = settings(Map.of()).packages();

    assertEquals(Path.of(".steward/sandboxes/.packages"), packages.dir());
    assertEquals(Duration.ofMinutes(10), packages.timeout());
    assertEquals(4L << 30, packages.bytesMax());
    assertEquals(2, packages.buildsMax());
    assertEquals(20L << 30, packages.cacheBytesMax());
    assertEquals(50, packages.cacheEntriesMax());
    assertEquals(Duration.ofSeconds(30), packages.failureKept());
    assertTrue(packages.environment().orElseThrow().contains("HTTPS_PROXY"));
    assertEquals(
        List.of(
            "/etc/apt",
            "/etc/dpkg",
            "/etc/pip.conf",
            "/etc/npmrc",
            "/etc/gemrc",
            "/usr/local/share/ca-certificates"),
        packages.files().orElseThrow());
  }

  @Test
  void limits_of_packages_that_cannot_work_are_refused() throws IOException {
    Map<String, String> wrong =
        Map.of(
            "sandbox.packages.builds-max", "packages.builds-max must be at least 1, got 0",
            "sandbox.packages.bytes-max", "packages.bytes-max must be at least 1, got 0",
            "sandbox.packages.cache-bytes-max",
                "packages.cache-bytes-max must be at least 1, got 0",
            "sandbox.packages.cache-entries-max",
                "packages.cache-entries-max must be at least 1, got 0");
    try (ParentThread parent = new ParentThread()) {
      for (Map.Entry<String, String> entry : wrong.entrySet()) {
        PackageChoice choice =
            new PackageChoice(
                settings(Map.of(entry.getKey(), "0")), parent, InstantSource.system(), Map.of());
        assertEquals(
            entry.getValue(),
            assertThrows(IllegalArgumentException.class, () -> choice.packages(ProcessDriver.NAME))
                .getMessage());
      }
    }
  }

  @Test
  void every_key_of_pods_has_its_documented_default() {
    KubernetesSettings pods = settings(Map.of()).kubernetes();

    assertEquals("steward-sandboxes", pods.namespace());
    assertEquals("steward", pods.installation());
    assertEquals("pods", pods.provisioner());
    assertEquals(Optional.empty(), pods.image());
    assertEquals(Optional.empty(), pods.imagePullSecrets());
    assertEquals(Optional.empty(), pods.runtimeClass());
    assertEquals(Optional.empty(), pods.nodeSelector());
    assertEquals(Optional.empty(), pods.tolerations());
    assertEquals("100m", pods.cpuRequest());
    assertEquals("2", pods.cpuLimit());
    assertEquals("256Mi", pods.memoryRequest());
    assertEquals("256Mi", pods.ephemeralStorageRequest());
    assertEquals("4Gi", pods.ephemeralStorageLimit());
    assertEquals(Duration.ofHours(24), pods.activeDeadline());
    assertEquals(Duration.ofSeconds(90), pods.startTimeout());
    assertEquals(Duration.ofMinutes(2), pods.orphanGrace());
    assertEquals(Duration.ofSeconds(5), pods.round());
    assertEquals(0, pods.pool().sizeMin());
    assertEquals(0, pods.pool().sizeMax());
    assertEquals(Duration.ofMinutes(2), pods.pool().recent());
    assertEquals(Duration.ofHours(6), pods.pool().ageMax());
  }

  @Test
  void settings_of_pods_that_cannot_work_are_refused() {
    assertPodsRefused(Map.of(), "sandbox.kubernetes.image (STEWARD_SANDBOX_IMAGE) is empty");
    assertPodsRefused(
        Map.of("sandbox.kubernetes.image", "a", "sandbox.kubernetes.provisioner", "helm"),
        "sandbox.kubernetes.provisioner must be pods or agent-sandbox, got helm");
    assertPodsRefused(
        Map.of("sandbox.kubernetes.image", "a", "sandbox.kubernetes.cpu-limit", "many"),
        "sandbox.kubernetes.cpu-limit must be a quantity above 0 such as 500m or 2Gi, got many");
    assertPodsRefused(
        Map.of("sandbox.kubernetes.image", "a", "sandbox.kubernetes.pool.size-min", "3"),
        "sandbox.kubernetes.pool.size-min must be from 0 to size-max, got 3 and 0");
  }

  private static void assertPodsRefused(Map<String, String> properties, String words) {
    SandboxSettings settings = settings(properties);
    KubernetesChoice choice =
        new KubernetesChoice(
            settings,
            "sbxo_1",
            _ -> Set.of(),
            new PodMeters(new SimpleMeterRegistry()),
            InstantSource.system());
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> choice.driver(DriverChoice.limits(settings)))
                .getMessage());
    assertTrue(message.startsWith(words), message);
  }

  @Test
  void the_driver_is_chosen_by_name() {
    try (ParentThread parent = new ParentThread()) {
      assertEquals(
          ProcessDriver.NAME,
          new DriverChoice(settings(Map.of("sandbox.driver", "process")), parent, KUBERNETES)
              .driver()
              .name());
      assertEquals(
          NoneDriver.NAME,
          new DriverChoice(settings(Map.of("sandbox.driver", "none")), parent, KUBERNETES)
              .driver()
              .name());
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  new DriverChoice(settings(Map.of("sandbox.driver", "docker")), parent, KUBERNETES)
                      .driver());
      assertEquals(
          "STEWARD_SANDBOX must be auto, bubblewrap, kubernetes, process or none, got docker",
          refusal.getMessage());
    }
  }

  @Test
  void the_egress_proxy_is_a_host_and_a_port() {
    EgressChoice none = new EgressChoice(settings(Map.of()));
    assertEquals(Optional.empty(), none.proxy(ProcessDriver.NAME));
    EgressChoice some = new EgressChoice(settings(Map.of("sandbox.egress-proxy", "proxy:8889")));
    assertEquals(Optional.of(new ProxyAddress("proxy", 8889)), some.proxy(ProcessDriver.NAME));
    assertEquals(Optional.empty(), some.proxy(NoneDriver.NAME));
    EgressChoice wrong =
        new EgressChoice(settings(Map.of("sandbox.egress-proxy", "http://proxy:8889")));
    assertEquals(
        "STEWARD_EGRESS_PROXY must be host:port with a port from 1 to 65535, such as"
            + " 127.0.0.1:8889, got http://proxy:8889",
        assertThrows(IllegalArgumentException.class, () -> wrong.proxy(NoneDriver.NAME))
            .getMessage());
  }

  @Test
  void a_limit_that_cannot_work_is_refused() {
    SandboxSettings settings = settings(Map.of("sandbox.processes-max", "32"));
    try (ParentThread parent = new ParentThread()) {
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> new DriverChoice(settings, parent, KUBERNETES).driver());
      assertEquals("processes-max must be more than 32, got 32", refusal.getMessage());
    }
  }
}
