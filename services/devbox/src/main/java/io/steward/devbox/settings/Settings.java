package io.steward.devbox.settings;

import io.steward.schemas.vault.AuditRetention;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What the environment variables of `./steward dev` say. An empty variable is an absent one.
///
/// @param port the one public port, on 127.0.0.1
/// @param dataDirectory absolute; everything that lasts
/// @param apiKey the key clients send, when the environment gives one
/// @param models the file of models, when the environment names one; absolute
/// @param kafkaPort the embedded broker, for subscribers
/// @param auditRetention how long uses of credentials are kept
public record Settings(
    int port,
    Path dataDirectory,
    Optional<Secret> apiKey,
    ModelSource model,
    Optional<Path> models,
    SandboxDriver sandbox,
    int kafkaPort,
    AuditRetention auditRetention) {
  static final int PORT = 8080;
  static final int KAFKA_PORT = 19092;
  static final String DATA_DIRECTORY = ".steward";
  static final String ANTHROPIC_API = "https://api.anthropic.com";

  private static final int PORT_MAX = 65_535;

  /// Reads the variables.
  ///
  /// @param workingDirectory what a relative data directory is relative to
  /// @throws StartRefused when a value breaks a rule
  public static Settings of(Map<String, String> environment, Path workingDirectory)
      throws StartRefused {
    int port = port("STEWARD_PORT", PORT, environment);
    int kafkaPort = port("STEWARD_KAFKA_PORT", KAFKA_PORT, environment);
    if (port == kafkaPort) {
      throw new StartRefused(
          "STEWARD_PORT and STEWARD_KAFKA_PORT are both " + port + "; they must differ.");
    }
    return new Settings(
        port,
        workingDirectory
            .resolve(text("STEWARD_DATA_DIR", environment).orElse(DATA_DIRECTORY))
            .toAbsolutePath()
            .normalize(),
        apiKey(environment),
        model(environment),
        text("STEWARD_MODELS", environment)
            .map(file -> workingDirectory.resolve(file).toAbsolutePath().normalize()),
        sandbox(environment),
        kafkaPort,
        auditRetention(environment));
  }

  private static Optional<String> text(String name, Map<String, String> environment) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(t -> !t.isEmpty());
  }

  private static int port(String name, int standard, Map<String, String> environment)
      throws StartRefused {
    String text = text(name, environment).orElse(Integer.toString(standard));
    if (text.matches("\\d{1,5}")) {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= PORT_MAX) {
        return port;
      }
    }
    throw new StartRefused(
        name + " is \"" + text + "\"; it must be a port number from 1 to " + PORT_MAX + ".");
  }

  private static Optional<Secret> apiKey(Map<String, String> environment) throws StartRefused {
    Optional<String> key = text("STEWARD_API_KEY", environment);
    if (key.isPresent() && !key.get().matches("[\\x21-\\x7e]+")) {
      throw new StartRefused(
          "STEWARD_API_KEY holds a space or a character outside of ASCII; a header cannot carry it.");
    }
    return key.map(Secret::new);
  }

  private static AuditRetention auditRetention(Map<String, String> environment)
      throws StartRefused {
    try {
      return text(AuditRetention.VARIABLE, environment)
          .map(AuditRetention::parse)
          .orElse(AuditRetention.USUAL);
    } catch (IllegalArgumentException e) {
      throw new StartRefused(String.valueOf(e.getMessage()), e);
    }
  }

  private static ModelSource model(Map<String, String> environment) throws StartRefused {
    Optional<String> baseUrl = text("STEWARD_MODEL_BASE_URL", environment);
    Optional<String> key =
        text("STEWARD_MODEL_API_KEY", environment).or(() -> text("ANTHROPIC_API_KEY", environment));
    if (baseUrl.isEmpty() && key.isEmpty() && text("STEWARD_MODELS", environment).isEmpty()) {
      return new ModelSource.Demo();
    }
    return new ModelSource.Upstream(
        url("STEWARD_MODEL_BASE_URL", baseUrl.orElse(ANTHROPIC_API)), new Secret(key.orElse("")));
  }

  private static URI url(String name, String text) throws StartRefused {
    try {
      URI url = new URI(text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (http && url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      throw new StartRefused(name + " is \"" + text + "\", which is not an http(s) address.", e);
    }
    throw new StartRefused(name + " is \"" + text + "\"; it must be an http(s) address.");
  }

  private static SandboxDriver sandbox(Map<String, String> environment) throws StartRefused {
    String text = text("STEWARD_SANDBOX", environment).orElse(SandboxDriver.AUTO.wireName());
    Optional<SandboxDriver> driver = SandboxDriver.of(text);
    if (driver.isEmpty()) {
      throw new StartRefused(
          "STEWARD_SANDBOX is \"" + text + "\"; it must be one of " + SandboxDriver.all() + ".");
    }
    return driver.get();
  }
}
