package io.steward.sessionlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Keys and defaults are public API.
class SessionLogConfigTest {
  @Test
  void every_key_has_the_documented_default() {
    SessionLogConfig config = config(Map.of());

    assertTrue(config.apiKey().isEmpty());
    assertEquals(Path.of(".steward/blobs"), config.blobDir());
    assertTrue(config.blobS3().bucket().isEmpty());
    assertEquals(8, config.sessionPartitions());
    assertTrue(config.models().isEmpty());
    assertEquals(List.of("github.com"), config.git().hosts());
    SessionLogConfig.Limits limits = config.sessionLog();
    assertEquals(Duration.ofSeconds(5), limits.barrierTimeout());
    assertEquals(Duration.ofSeconds(5), limits.requestTimeout());
    assertEquals(Duration.ofSeconds(2), limits.interruptWait());
    assertEquals(Duration.ofSeconds(10), limits.appendTimeout());
    assertEquals(16 * 1024 * 1024, limits.foldsBytesMax().asLongValue());
    assertEquals(512, limits.requestsMax());
    assertEquals(64, limits.sessionRequestsMax());
    assertEquals(64 * 1024 * 1024, limits.requestBytesMax().asLongValue());
    assertEquals(256, limits.queriesMax());
    assertEquals(4000, limits.streamsMax());
    assertEquals(4 * 1024 * 1024, limits.streamPendingBytesMax().asLongValue());
    assertEquals(64 * 1024 * 1024, limits.streamsPendingBytesMax().asLongValue());
    assertEquals(Duration.ofSeconds(15), limits.pingInterval());
    assertEquals(Duration.ofSeconds(60), limits.queryReachBack());
    assertEquals(1L << 40, limits.filesBytesMax().asLongValue());
    assertEquals(1L << 30, limits.mountedBytesMax().asLongValue());
    assertEquals(Duration.ofMinutes(5), limits.workLease());
    assertEquals(256, limits.workPollsMax());
  }

  @Test
  void the_variables_of_the_supervisor_are_understood() {
    SessionLogConfig config =
        config(
            Map.of(
                "steward.api-key", "k",
                "steward.session-partitions", "64",
                "steward.models", "/etc/steward/models.yaml",
                "steward.git.hosts", "github.com,git.example.com:8443"));

    assertEquals(Path.of("/etc/steward/models.yaml"), config.models().orElseThrow());
    assertEquals(List.of("github.com", "git.example.com:8443"), config.git().hosts());
    assertEquals("k", config.apiKey().orElseThrow());
    assertEquals(64, config.sessionPartitions());
  }

  private static SessionLogConfig config(Map<String, String> properties) {
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .addDefaultSources()
            .addDiscoveredConverters()
            .withMapping(SessionLogConfig.class)
            .withValidateUnknown(false)
            .withSources(new PropertiesConfigSource(properties, "test", 1000))
            .build();
    return config.getConfigMapping(SessionLogConfig.class);
  }
}
