package io.steward.vaultproxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.steward.vaultproxy.egress.SystemResolver;
import io.steward.vaultproxy.stage.GitServer;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  private static SmallRyeConfig config(Map<String, String> properties) throws IOException {
    return new SmallRyeConfigBuilder()
        .addDefaultInterceptors()
        .withSources(
            new PropertiesConfigSource(
                SettingsTest.class.getResource("/META-INF/microprofile-config.properties"), 100))
        .withSources(new PropertiesConfigSource(properties, "test", 500))
        .withConverter(Duration.class, 100, text -> Duration.parse("PT" + text))
        .withMapping(VaultSettings.class)
        .withMapping(GitSettings.class)
        .withMapping(McpSettings.class)
        .withMapping(EgressSettings.class)
        .withMapping(SearchSettings.class)
        .build();
  }

  @Test
  void every_key_has_its_documented_default() throws IOException {
    VaultSettings vault = config(Map.of()).getConfigMapping(VaultSettings.class);
    assertEquals(Optional.empty(), vault.keyFile());
    assertEquals(Path.of(".steward/vault"), vault.dir());
    assertEquals(Path.of(".steward/blobs"), vault.blobDir());
    assertEquals(Optional.empty(), vault.blobS3().bucket());
    assertEquals("localhost:9092", vault.bootstrapServers());
    assertEquals(100, vault.recordsOpenMax());
    assertEquals(Duration.ofSeconds(5), vault.secretWait());
    assertEquals(Duration.ofDays(30), vault.secretKept());
    assertEquals(Duration.ofSeconds(5), vault.publishTimeout());
    assertEquals("400d", vault.auditRetention());

    GitSettings git = config(Map.of()).getConfigMapping(GitSettings.class);
    assertEquals(List.of("github.com"), git.hosts());
    assertEquals(Optional.empty(), git.ca());
    assertEquals(4, git.clonesMax());
    assertEquals(1L << 30, git.bytesMax());
    assertEquals(250_000, git.filesMax());
    assertEquals(Duration.ofMinutes(5), git.timeout());
    assertEquals(Duration.ofSeconds(30), git.silence());
    assertEquals(512, git.heapMegabytesMax());

    McpSettings mcp = config(Map.of()).getConfigMapping(McpSettings.class);
    assertEquals(Duration.ofMinutes(5), mcp.callTimeMax());
    assertEquals(64, mcp.callsMax());
    assertEquals(8, mcp.callsPerSessionMax());
    assertEquals(400, mcp.callsOpenMax());

    EgressSettings egress = config(Map.of()).getConfigMapping(EgressSettings.class);
    assertEquals(Optional.empty(), egress.allowedAddresses());
    assertTrue(egress.proxyEnabled());
    assertEquals("0.0.0.0", egress.proxyHost());
    assertEquals(3128, egress.proxyPort());
    assertEquals(Optional.empty(), egress.ports());
    assertEquals(Optional.empty(), egress.packageRegistries());
    assertTrue(egress.secretsOverPlainHttp());
    assertEquals(Optional.empty(), egress.ca());
  }

  private static EgressSettings egress(String key, String value) throws IOException {
    return config(Map.of("steward.egress." + key, value)).getConfigMapping(EgressSettings.class);
  }

  @Test
  void the_bucket_is_the_one_of_all_services() throws IOException {
    VaultSettings vault =
        config(
                Map.of(
                    "STEWARD_BLOB_S3_BUCKET", "blobs",
                    "STEWARD_BLOB_S3_PREFIX", "steward",
                    "STEWARD_BLOB_S3_REGION", "eu-central-1",
                    "STEWARD_BLOB_S3_ENDPOINT", "http://minio:9000",
                    "STEWARD_BLOB_S3_PATH_STYLE", "true"))
            .getConfigMapping(VaultSettings.class);

    assertEquals(Optional.of("blobs"), vault.blobS3().bucket());
    assertEquals(Optional.of("steward"), vault.blobS3().prefix());
    assertEquals(Optional.of("eu-central-1"), vault.blobS3().region());
    assertEquals(Optional.of("http://minio:9000"), vault.blobS3().endpoint());
    assertEquals(Optional.of("true"), vault.blobS3().pathStyle());
  }

  @Test
  void ports_registries_and_authorities_of_the_proxy_are_refused_by_their_names(
      @TempDir Path directory) throws IOException {
    EgressSettings port = egress("ports", "8080,70000");
    EgressSettings registry = egress("package-registries", "mirror.example,a b");
    Path empty = Files.createFile(directory.resolve("ca.pem"));
    EgressSettings authority = egress("ca", empty.toString());

    assertEquals(
        "steward.egress.ports (STEWARD_EGRESS_PORTS) is [8080, 70000]; each must be a port number"
            + " from 1 to 65535.",
        refused(() -> EgressService.policy(port)));
    assertEquals(
        "steward.egress.package-registries (STEWARD_EGRESS_PACKAGE_REGISTRIES) is"
            + " [mirror.example, a b]: not a host or a pattern of hosts: a b. It must be hosts such"
            + " as mirror.example.com or *.example.com.",
        refused(() -> EgressService.policy(registry)));
    assertEquals(
        "steward.egress.ca (STEWARD_EGRESS_CA) is "
            + empty
            + ", which cannot be read as certificates in PEM: there is no certificate in the file",
        refused(() -> EgressService.trust(authority)));
  }

  private static @Nullable String refused(Executable setting) {
    return assertThrows(IllegalStateException.class, setting).getMessage();
  }

  @Test
  void the_proxy_trusts_an_authority_of_the_operator_beside_the_usual_ones(@TempDir Path directory)
      throws Exception {
    Path file = GitServer.Identity.make(directory).certificate();
    Certificate own;
    try (InputStream in = Files.newInputStream(file)) {
      own = CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    X509TrustManager trust = EgressService.trust(egress("ca", file.toString()));

    List<X509Certificate> trusted = List.of(Objects.requireNonNull(trust).getAcceptedIssuers());
    assertTrue(trusted.contains(own));
    assertTrue(trusted.size() > 1, "the usual ones");
    assertNull(EgressService.trust(config(Map.of()).getConfigMapping(EgressSettings.class)));

    SearchSettings search = config(Map.of()).getConfigMapping(SearchSettings.class);
    assertEquals(Optional.empty(), search.searxngUrl());
  }

  @Test
  void hosts_are_a_list_with_commas() throws IOException {
    assertEquals(
        List.of("github.com", "git.example:8443"),
        config(Map.of("steward.git.hosts", "github.com,git.example:8443"))
            .getConfigMapping(GitSettings.class)
            .hosts());
  }

  @Test
  void ranges_that_are_none_are_refused_by_their_names() throws IOException {
    EgressSettings bad =
        config(Map.of("steward.egress.allowed-addresses", "10.0.0.0/8,nonsense"))
            .getConfigMapping(EgressSettings.class);

    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> new Beans().addressPolicy(bad));

    assertEquals(
        "steward.egress.allowed-addresses (STEWARD_EGRESS_ALLOWED_ADDRESSES) is"
            + " \"10.0.0.0/8,nonsense\": not a range of addresses: nonsense. It must be ranges of"
            + " addresses with commas between them, such as 10.1.0.0/16,fd00::/8.",
        refused.getMessage());
  }

  @Test
  void a_search_service_at_no_url_is_refused_without_its_password() throws IOException {
    SearchSettings bad =
        config(Map.of("steward.web-search.searxng-url", "http://me:canary@searxng/"))
            .getConfigMapping(SearchSettings.class);
    Vertx vertx = Vertx.vertx();
    try (SystemResolver resolver = new SystemResolver(Duration.ofSeconds(1))) {
      IllegalStateException refused =
          assertThrows(
              IllegalStateException.class, () -> new Beans().webSearch(bad, resolver, vertx));

      assertEquals(
          "steward.web-search.searxng-url (STEWARD_WEB_SEARCH_SEARXNG_URL) is \"***\": A URL with a"
              + " user name or a password cannot be fetched. It must be the URL of a SearXNG"
              + " instance, such as http://searxng:8080/.",
          refused.getMessage());
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
