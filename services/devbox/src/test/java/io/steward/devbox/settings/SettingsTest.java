package io.steward.devbox.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.vault.AuditRetention;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  private static final Path HERE = Path.of("/somewhere");

  private static Settings of(Map<String, String> environment) throws StartRefused {
    return Settings.of(environment, HERE);
  }

  @Test
  void without_variables_every_setting_has_its_default() throws StartRefused {
    assertEquals(
        new Settings(
            8080,
            Path.of("/somewhere/.steward"),
            Optional.empty(),
            new ModelSource.Demo(),
            Optional.empty(),
            SandboxDriver.AUTO,
            19092,
            AuditRetention.USUAL),
        of(Map.of()));
  }

  @Test
  void a_file_of_models_stands_for_models_of_ones_own() throws StartRefused {
    Settings settings = of(Map.of("STEWARD_MODELS", "models.yaml"));

    assertEquals(Optional.of(Path.of("/somewhere/models.yaml")), settings.models());
    assertEquals(
        new ModelSource.Upstream(URI.create("https://api.anthropic.com"), new Secret("")),
        settings.model());
  }

  @Test
  void how_long_uses_of_credentials_are_kept_is_a_setting() throws StartRefused {
    assertEquals(
        AuditRetention.parse("30d"),
        of(Map.of("STEWARD_VAULT_AUDIT_RETENTION", "30d")).auditRetention());
    StartRefused refused =
        assertThrows(
            StartRefused.class, () -> of(Map.of("STEWARD_VAULT_AUDIT_RETENTION", "a year")));
    assertTrue(
        String.valueOf(refused.getMessage())
            .startsWith("STEWARD_VAULT_AUDIT_RETENTION is \"a year\"; it must be"));
  }

  @Test
  void an_empty_variable_is_an_absent_one() throws StartRefused {
    assertEquals(
        of(Map.of()),
        of(
            Map.of(
                "STEWARD_PORT", "",
                "STEWARD_API_KEY", " ",
                "ANTHROPIC_API_KEY", "",
                "STEWARD_SANDBOX", "")));
  }

  @Test
  void a_key_of_the_provider_alone_means_its_own_address() throws StartRefused {
    assertEquals(
        new ModelSource.Upstream(URI.create("https://api.anthropic.com"), new Secret("k")),
        of(Map.of("ANTHROPIC_API_KEY", "k")).model());
  }

  @Test
  void the_key_of_steward_wins_over_the_key_of_the_provider() throws StartRefused {
    assertEquals(
        new ModelSource.Upstream(URI.create("https://api.anthropic.com"), new Secret("own")),
        of(Map.of("ANTHROPIC_API_KEY", "other", "STEWARD_MODEL_API_KEY", "own")).model());
  }

  @Test
  void an_address_alone_needs_no_key() throws StartRefused {
    assertEquals(
        new ModelSource.Upstream(URI.create("http://localhost:11434"), new Secret("")),
        of(Map.of("STEWARD_MODEL_BASE_URL", "http://localhost:11434")).model());
  }

  @ParameterizedTest
  @CsvSource({
    "STEWARD_PORT, 0",
    "STEWARD_PORT, 65536",
    "STEWARD_PORT, eighty",
    "STEWARD_PORT, 19092",
    "STEWARD_KAFKA_PORT, -1",
    "STEWARD_SANDBOX, docker",
    "STEWARD_MODEL_BASE_URL, localhost:11434",
    "STEWARD_MODEL_BASE_URL, ftp://models",
    "STEWARD_API_KEY, two words"
  })
  void a_value_that_breaks_a_rule_is_refused_by_its_name(String name, String value) {
    StartRefused refused = assertThrows(StartRefused.class, () -> of(Map.of(name, value)));
    assertTrue(String.valueOf(refused.getMessage()).contains(name), refused.getMessage());
  }

  @Test
  void a_secret_is_never_printed() throws StartRefused {
    String printed =
        of(Map.of("STEWARD_API_KEY", "s3cret", "ANTHROPIC_API_KEY", "m0del")).toString();
    assertFalse(printed.contains("s3cret") || printed.contains("m0del"), printed);
  }
}
