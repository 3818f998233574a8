package io.steward.devbox.program;

import io.steward.devbox.settings.DataDirectory;
import io.steward.devbox.settings.SandboxDriver;
import io.steward.devbox.settings.Secret;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the services find around them.
///
/// @param inherited variables of this process that every child may see
/// @param settings all variables of this process; each service gets those that set something on it
/// @param dataDirectory absolute
/// @param egressPort where vault-proxy listens for sandboxes
public record Surroundings(
    Map<String, String> inherited,
    Map<String, String> settings,
    Path dataDirectory,
    String kafka,
    int postgresPort,
    int egressPort,
    Secret postgresPassword,
    Secret apiKey,
    Models models,
    SandboxDriver sandbox) {
  /// Where models are.
  ///
  /// @param catalog the file of models, or null for the shipped one
  /// @param label `demo` or `anthropic`
  /// @param keys variables with keys that the catalog names
  public record Models(
      @Nullable Path catalog, String baseUrl, Secret key, String label, Map<String, Secret> keys) {}

  /// Partitions of every session-keyed topic on one machine.
  public static final int SESSION_PARTITIONS = 8;

  private static final String USER = "steward";

  /// The whole environment of `service` listening on `port`.
  public Map<String, String> of(Service service, int port) {
    Map<String, String> all = new LinkedHashMap<>(inherited);
    all.putAll(service.defaults());
    settings.forEach((name, value) -> {
      if (service.reads(name)) {
        all.put(name, value);
      }
    });
    all.put("QUARKUS_HTTP_HOST", "127.0.0.1");
    all.put("QUARKUS_HTTP_PORT", Integer.toString(port));
    all.put("KAFKA_BOOTSTRAP_SERVERS", kafka);
    all.put("STEWARD_SESSION_PARTITIONS", Integer.toString(SESSION_PARTITIONS));
    if (service.needs(Service.Need.DATABASE)) {
      String address = "postgresql://127.0.0.1:" + postgresPort + "/steward";
      all.put("QUARKUS_DATASOURCE_REACTIVE_URL", address);
      all.put("QUARKUS_DATASOURCE_JDBC_URL", "jdbc:" + address);
      all.put("QUARKUS_DATASOURCE_USERNAME", USER);
      all.put("QUARKUS_DATASOURCE_PASSWORD", postgresPassword.value());
    }
    if (service.needs(Service.Need.API_KEY)) {
      all.put("STEWARD_API_KEY", apiKey.value());
    }
    if (service.needs(Service.Need.BLOBS)) {
      all.put("STEWARD_BLOB_DIR", dataDirectory.resolve("blobs").toString());
    }
    Path catalog = models.catalog();
    if (service.needs(Service.Need.CATALOG) && catalog != null) {
      all.put("STEWARD_MODELS", catalog.toString());
    }
    if (service.needs(Service.Need.MODEL)) {
      models.keys().forEach((name, key) -> all.put(name, key.value()));
      all.put("STEWARD_MODEL_BASE_URL", models.baseUrl());
      all.put("STEWARD_MODEL_API_KEY", models.key().value());
      all.put("STEWARD_MODEL_LABEL", models.label());
    }
    if (service.needs(Service.Need.SANDBOXES)) {
      all.put("STEWARD_SANDBOX", sandbox.wireName());
      all.put("STEWARD_SANDBOX_DIR", dataDirectory.resolve("sandboxes").toString());
      all.put("STEWARD_EGRESS_PROXY", "127.0.0.1:" + egressPort);
    }
    if (service.needs(Service.Need.VAULT)) {
      all.put("STEWARD_VAULT_KEY_FILE", dataDirectory.resolve(DataDirectory.VAULT_KEY).toString());
      all.put("STEWARD_VAULT_DIR", dataDirectory.resolve("vault").toString());
      all.put("STEWARD_EGRESS_PROXY_HOST", "127.0.0.1");
      all.put("STEWARD_EGRESS_PROXY_PORT", Integer.toString(egressPort));
    }
    return all;
  }
}
