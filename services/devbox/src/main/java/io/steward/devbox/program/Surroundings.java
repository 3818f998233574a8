package io.steward.devbox.program;

import io.steward.devbox.settings.SandboxDriver;
import io.steward.devbox.settings.Secret;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the services find around them.
///
/// @param inherited variables of this process that every child may see
/// @param dataDirectory absolute
/// @param modelLabel `demo` or `anthropic`
public record Surroundings(
    Map<String, String> inherited,
    Path dataDirectory,
    String kafka,
    int postgresPort,
    Secret postgresPassword,
    Secret apiKey,
    String modelBaseUrl,
    Secret modelKey,
    String modelLabel,
    SandboxDriver sandbox) {
  /// Partitions of every session-keyed topic on one machine.
  public static final int SESSION_PARTITIONS = 8;

  private static final String USER = "steward";

  /// The whole environment of `service` listening on `port`.
  public Map<String, String> of(Service service, int port) {
    Map<String, String> all = new LinkedHashMap<>(inherited);
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
    if (service.needs(Service.Need.MODEL)) {
      all.put("STEWARD_MODEL_BASE_URL", modelBaseUrl);
      all.put("STEWARD_MODEL_API_KEY", modelKey.value());
      all.put("STEWARD_MODEL_LABEL", modelLabel);
    }
    if (service.needs(Service.Need.SANDBOXES)) {
      all.put("STEWARD_SANDBOX", sandbox.wireName());
      all.put("STEWARD_SANDBOX_DIR", dataDirectory.resolve("sandboxes").toString());
    }
    return all;
  }
}
