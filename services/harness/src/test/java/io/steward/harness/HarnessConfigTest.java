package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.steward.harness.decide.Speculation;
import io.steward.harness.decide.TurnLimits;
import io.steward.harness.metric.Metrics;
import io.steward.harness.partition.LoopSettings;
import io.steward.harness.partition.ToolForecast;
import io.steward.harness.request.ModelRequests;
import io.steward.harness.request.Searcher;
import io.steward.harness.stage.Sessions;
import io.steward.harness.trace.Spans;
import io.steward.schemas.model.ModelCatalog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HarnessConfigTest {
  private static HarnessConfig config(Map<String, String> values) {
    ConfigSource source =
        new io.smallrye.config.PropertiesConfigSource(values, "test", ConfigSource.DEFAULT_ORDINAL);
    return new SmallRyeConfigBuilder()
        .withMapping(HarnessConfig.class)
        .withSources(source)
        .addDiscoveredConverters()
        .build()
        .getConfigMapping(HarnessConfig.class);
  }

  @Test
  void the_broker_has_no_default() {
    assertThrows(ConfigValidationException.class, () -> config(Map.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "steward.kafka.session-timeout, three seconds",
    "steward.model.calls-max, many",
    "steward.loop.cache-bytes-max, 4 MB"
  })
  void a_value_of_another_type_is_refused(String key, String value) {
    assertThrows(
        ConfigValidationException.class,
        () -> config(Map.of("steward.kafka.bootstrap-servers", "broker:9092", key, value)));
  }

  @ParameterizedTest
  @CsvSource({"0,1,1", "1,0,1", "1,1,0"})
  void a_turn_needs_a_round_an_attempt_and_a_compaction(
      int toolRoundsMax, int modelAttemptsMax, int compactionsMax) {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new TurnLimits(
                toolRoundsMax,
                modelAttemptsMax,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                compactionsMax,
                Duration.ZERO,
                Duration.ZERO));
  }

  @ParameterizedTest
  @CsvSource({"0,1,1,1", "1,0,1,1", "1,1,0,1", "1,1,1,0"})
  void every_limit_of_a_loop_is_at_least_one(
      long cacheBytes, int backlog, int steps, int refusals) {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new LoopSettings(
                InstantSource.system(),
                new ModelRequests(Sessions.MODELS, 100, Searcher.NOBODY),
                cacheBytes,
                backlog,
                steps,
                refusals,
                Duration.ZERO,
                new Metrics(new SimpleMeterRegistry(), ModelCatalog.shipped()),
                new ToolForecast(Speculation.OFF),
                Spans.off()));
  }

  @Test
  void every_key_but_the_broker_has_a_default() {
    HarnessConfig config = config(Map.of("steward.kafka.bootstrap-servers", "broker:9092"));

    assertEquals(".steward/blobs", config.blobDir().toString());
    assertTrue(config.blobS3().bucket().isEmpty());
    assertEquals("harness", config.kafka().group());
    assertEquals(Duration.ofSeconds(3), config.kafka().sessionTimeout());
    assertEquals("https://api.anthropic.com", config.model().baseUrl());
    assertTrue(config.model().apiKey().isEmpty());
    assertEquals("anthropic", config.model().label());
    assertEquals(32_000, config.model().tokensMax());
    assertEquals(256, config.model().callsMax());
    assertEquals(24_000_000, config.model().fileBytesMax());
    assertEquals(48_000_000, config.model().filesHeldBytesMax());
    assertTrue(config.judge().model().isEmpty());
    assertTrue(config.webSearch().isEmpty());
    assertTrue(config.webSearchModel().isEmpty());
    assertTrue(config.webSearchSearxngUrl().isEmpty());
    assertEquals(Duration.ofMinutes(1), config.webSearchTimeout());
    assertTrue(config.kafka().instance().isEmpty());
    assertEquals(Duration.ofSeconds(20), config.turn().drainMax());
    assertEquals(Duration.ofSeconds(20), config.judge().timeout());
    assertEquals(20_000, config.judge().inputCharsMax());
    assertEquals(32, config.judge().callsMax());
    assertEquals(Duration.ofSeconds(10), config.model().connectTimeout());
    assertEquals(Duration.ofMinutes(2), config.model().idleTimeout());
    assertEquals(Duration.ofMinutes(15), config.model().totalTimeout());
    assertEquals(500, config.turn().toolRoundsMax());
    assertEquals(10, config.turn().modelAttemptsMax());
    assertEquals(Duration.ofMillis(500), config.turn().retryDelay());
    assertEquals(Duration.ofSeconds(30), config.turn().retryDelayMax());
    assertEquals(Duration.ofMinutes(5), config.turn().retryAfterMax());
    assertEquals("auto", config.turn().speculation().mode());
    assertEquals(0.8, config.turn().speculation().shareMin());
    assertEquals(3, config.turn().speculation().turnsMin());
    assertEquals(Duration.ofMinutes(10), config.turn().speculation().sandboxLives());
    assertEquals(4_000_000, config.loop().cacheBytesMax());
    assertEquals(2000, config.loop().backlogMax());
    assertEquals(100, config.loop().stepsMax());
    assertEquals(3, config.loop().refusalsMax());
    assertEquals(Duration.ofMillis(50), config.loop().refusalDelay());
  }

  @Test
  void the_attempts_outlast_a_minute_even_when_chance_halves_every_wait() {
    HarnessConfig.Turn turn =
        config(Map.of("steward.kafka.bootstrap-servers", "broker:9092")).turn();
    long millis = 0;
    for (int wait = 0; wait < turn.modelAttemptsMax() - 1; wait++) {
      millis += Math.min(turn.retryDelay().toMillis() << wait, turn.retryDelayMax().toMillis()) / 2;
    }
    assertTrue(millis > Duration.ofMinutes(1).toMillis(), "they last " + millis + " ms");
  }
}
