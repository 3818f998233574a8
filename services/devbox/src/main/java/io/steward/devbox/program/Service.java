package io.steward.devbox.program;

import java.util.List;
import java.util.Set;

/// The five services, and what each of them needs to know. A service is told nothing else: a model
/// key reaches only those who call models, the clients' key only those who check it.
public enum Service {
  AGENT_CONFIG(
      "agent-config",
      256,
      Set.of(Need.DATABASE, Need.API_KEY, Need.BLOBS, Need.CATALOG),
      List.of()),
  SESSION_LOG(
      "session-log",
      512,
      Set.of(Need.DATABASE, Need.API_KEY, Need.BLOBS, Need.CATALOG),
      List.of("STEWARD_SESSION_LOG_", "STEWARD_GIT_")),
  HARNESS(
      "harness",
      512,
      Set.of(Need.BLOBS, Need.CATALOG, Need.MODEL),
      List.of("STEWARD_TURN_", "STEWARD_LOOP_", "STEWARD_MODEL_", "STEWARD_JUDGE_")),
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
          "CARGO_HTTP_")),
  VAULT_PROXY(
      "vault-proxy",
      96,
      Set.of(Need.DATABASE, Need.API_KEY, Need.BLOBS, Need.VAULT),
      List.of("STEWARD_VAULT_", "STEWARD_GIT_"));

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

  private final String wireName;
  private final int heapMegabytesMax;
  private final Set<Need> needs;
  private final List<String> settings;

  Service(String wireName, int heapMegabytesMax, Set<Need> needs, List<String> settings) {
    this.wireName = wireName;
    this.heapMegabytesMax = heapMegabytesMax;
    this.needs = needs;
    this.settings = settings;
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
    return settings.stream().anyMatch(variable::startsWith);
  }

  boolean needs(Need need) {
    return needs.contains(need);
  }
}
