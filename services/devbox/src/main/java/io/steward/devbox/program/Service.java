package io.steward.devbox.program;

import java.util.Set;

/// The five services, and what each of them needs to know. A service is told nothing else: a model
/// key reaches only those who call models, the clients' key only those who check it.
public enum Service {
  AGENT_CONFIG("agent-config", 256, Set.of(Need.DATABASE, Need.API_KEY, Need.BLOBS, Need.MODEL)),
  SESSION_LOG("session-log", 512, Set.of(Need.DATABASE, Need.API_KEY, Need.BLOBS)),
  HARNESS("harness", 512, Set.of(Need.BLOBS, Need.MODEL)),
  SANDBOX("sandbox", 256, Set.of(Need.DATABASE, Need.BLOBS, Need.SANDBOXES)),
  VAULT_PROXY("vault-proxy", 96, Set.of(Need.DATABASE, Need.API_KEY));

  /// A group of environment variables.
  enum Need {
    DATABASE,
    API_KEY,
    BLOBS,
    MODEL,
    SANDBOXES
  }

  private final String wireName;
  private final int heapMegabytesMax;
  private final Set<Need> needs;

  Service(String wireName, int heapMegabytesMax, Set<Need> needs) {
    this.wireName = wireName;
    this.heapMegabytesMax = heapMegabytesMax;
    this.needs = needs;
  }

  /// The name of its directory, its process and its log.
  public String wireName() {
    return wireName;
  }

  /// The largest heap of its process.
  public int heapMegabytesMax() {
    return heapMegabytesMax;
  }

  boolean needs(Need need) {
    return needs.contains(need);
  }
}
