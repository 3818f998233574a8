package io.steward.vaultproxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
        .build();
  }

  @Test
  void every_key_has_its_documented_default() throws IOException {
    VaultSettings vault = config(Map.of()).getConfigMapping(VaultSettings.class);
    assertEquals(Optional.empty(), vault.kekFile());
    assertEquals(Path.of(".steward/vault"), vault.dir());
    assertEquals(Path.of(".steward/blobs"), vault.blobDir());
    assertEquals("localhost:9092", vault.bootstrapServers());
    assertEquals(100, vault.recordsOpenMax());
    assertEquals(Duration.ofSeconds(5), vault.secretWait());
    assertEquals(Duration.ofDays(30), vault.secretKept());

    GitSettings git = config(Map.of()).getConfigMapping(GitSettings.class);
    assertEquals(List.of("github.com"), git.hosts());
    assertEquals(Optional.empty(), git.ca());
    assertEquals(4, git.clonesMax());
    assertEquals(1L << 30, git.bytesMax());
    assertEquals(250_000, git.filesMax());
    assertEquals(Duration.ofMinutes(5), git.timeout());
    assertEquals(Duration.ofSeconds(30), git.silence());
    assertEquals(512, git.heapMegabytesMax());
  }

  @Test
  void hosts_are_a_list_with_commas() throws IOException {
    assertEquals(
        List.of("github.com", "git.example:8443"),
        config(Map.of("steward.git.hosts", "github.com,git.example:8443"))
            .getConfigMapping(GitSettings.class)
            .hosts());
  }
}
