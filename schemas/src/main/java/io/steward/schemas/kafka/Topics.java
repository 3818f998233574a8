package io.steward.schemas.kafka;

/// Names of the topics. What is on them, who writes and who reads: `asyncapi.yaml`.
public final class Topics {
  /// The source of truth: every record of every session.
  public static final String SESSION_EVENTS = "session-events";

  public static final String SESSION_PREVIEWS = "session-previews";
  public static final String SESSION_PROGRESS = "session-progress";
  public static final String SESSION_QUERIES = "session-queries";
  public static final String SESSION_SNAPSHOTS = "session-snapshots";
  public static final String SANDBOX_COMMANDS = "sandbox-commands";
  public static final String EGRESS_COMMANDS = "egress-commands";
  public static final String TOOL_RESULTS = "tool-results";
  public static final String SANDBOX_EVENTS = "sandbox-events";
  public static final String SEALED_SECRETS = "sealed-secrets";
  public static final String AGENTS = "agents";
  public static final String ENVIRONMENTS = "environments";
  public static final String VAULTS = "vaults";
  public static final String VAULT_AUDIT = "vault-audit";

  private Topics() {}

  /// Where records of `topic` go that nobody can read.
  public static String deadLetter(String topic) {
    return topic + ".dead-letter";
  }
}
