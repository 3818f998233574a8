package io.steward.vaultproxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
        .build();
  }

  @Test
  void every_key_has_its_documented_default() throws IOException {
    VaultSettings vault = config(Map.of()).getConfigMapping(VaultSettings.class);
    assertEquals(Optional.empty(), vault.keyFile());
    assertEquals(Path.of(".steward/vault"), vault.dir());
    assertEquals(Path.of(".steward/blobs"), vault.blobDir());
    assertEquals("localhost:9092", vault.bootstrapServers());
    assertEquals(100, vault.recordsOpenMax());
    assertEquals(Duration.ofSeconds(5), vault.secretWait());
    assertEquals(Duration.ofDays(30), vault.secretKept());
    assertEquals(Duration.ofSeconds(5), vault.publishTimeout());

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
}
