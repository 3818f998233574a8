package io.steward.devbox.program;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// The five services, and what each of them needs to know. A service is told nothing else: a model
/// key reaches only those who call models, the clients' key only those who check it.
public enum Service {
  AGENT_CONFIG(
      "agent-config",
      256,
      Set.of(Need.DATABASE, Need.API_KEY, Need.BLOBS, Need.CATALOG),
      List.of(),
      Map.of()),
  SESSION_LOG(
      "session-log",
      512,
      Set.of(Need.DATABASE, Need.API_KEY, Need.BLOBS, Need.CATALOG),
      List.of("STEWARD_SESSION_LOG_", "STEWARD_GIT_"),
      Map.of()),
  HARNESS(
      "harness",
      512,
      Set.of(Need.BLOBS, Need.CATALOG, Need.MODEL),
      List.of(
          "STEWARD_TURN_",
          "STEWARD_LOOP_",
          "STEWARD_MODEL_",
          "STEWARD_JUDGE_",
          "STEWARD_WEB_SEARCH",
          "STEWARD_KAFKA_SESSION_TIMEOUT"),
      // There is nobody else to take over: the one instance comes back under its name and gets its
      // partitions at once, and stopping has to fit into the time of the supervisor.
      Map.of(
          "STEWARD_KAFKA_INSTANCE", "harness",
          "STEWARD_KAFKA_SESSION_TIMEOUT", "PT10S",
          "STEWARD_TURN_DRAIN_MAX", "PT2S")),
  SANDBOX(
      "sandbox",
      256,
      Set.of(Need.DATABASE, Need.BLOBS, Need.SANDBOXES),
      List.of(
          "SANDBOX_",
          "SSL_CERT_DIR",
          "PIP_",
          "NPM_CONFIG_",
          "npm_config_",
          "NODE_EXTRA_CA_CERTS",
          "GOPROXY",
          "GONOPROXY",
          "GOPRIVATE",
          "GOSUMDB",
          "CARGO_HTTP_"),
      Map.of("SANDBOX_DRAIN", "PT1S")),
  VAULT_PROXY(
      "vault-proxy",
      160,
      Set.of(Need.DATABASE, Need.API_KEY, Need.BLOBS, Need.VAULT),
      List.of(
          "STEWARD_VAULT_",
          "STEWARD_GIT_",
          "STEWARD_EGRESS_",
          "STEWARD_MCP_",
          "STEWARD_WEB_SEARCH_SEARXNG_URL"),
      Map.of());

  /// A group of environment variables.
  enum Need {
    DATABASE,
    API_KEY,
    BLOBS,
    /// Which models there are.
    CATALOG,
    /// Keys and addresses of models.
    MODEL,
    SANDBOXES,
    VAULT
  }

  /// How OpenTelemetry sends traces, what is in them, and the form of logs.
  private static final List<String> OF_EVERY_SERVICE =
      List.of("OTEL_", "STEWARD_TRACE_", "STEWARD_LOG_");

  private final String wireName;
  private final int heapMegabytesMax;
  private final Set<Need> needs;
  private final List<String> settings;
  private final Map<String, String> defaults;

  Service(
      String wireName,
      int heapMegabytesMax,
      Set<Need> needs,
      List<String> settings,
      Map<String, String> defaults) {
    this.wireName = wireName;
    this.heapMegabytesMax = heapMegabytesMax;
    this.needs = needs;
    this.settings = settings;
    this.defaults = defaults;
  }

  /// Settings that are right for one machine and not the service's own; the operator's win.
  Map<String, String> defaults() {
    return defaults;
  }

  /// The name of its directory, its process and its log.
  public String wireName() {
    return wireName;
  }

  /// The largest heap of its process.
  public int heapMegabytesMax() {
    return heapMegabytesMax;
  }

  /// Whether a variable of this process is a setting of that service.
  boolean reads(String variable) {
    return settings.stream().anyMatch(variable::startsWith)
        || OF_EVERY_SERVICE.stream().anyMatch(variable::startsWith);
  }

  boolean needs(Need need) {
    return needs.contains(need);
  }
}
