package io.steward.sandbox.egress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.EnvironmentConfig;
import io.steward.schemas.agent.EnvironmentConfig.Networking;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Ways out through one egress proxy. What was said on the topic `vaults` before a sandbox is made
/// is waited for, so that a credential made a moment ago is there; if that takes too long, the
/// sandbox is made with what is known.
public final class ProxyWaysOut implements WaysOut {
  /// How long a new sandbox waits for what was said of its vaults.
  static final Duration VAULTS_WAIT = Duration.ofSeconds(2);

  /// How long a new sandbox waits for the certificate authority when none was ever heard of.
  static final Duration AUTHORITY_WAIT = Duration.ofSeconds(2);

  private static final Logger LOG = Logger.getLogger(ProxyWaysOut.class);

  private final ProxyAddress proxy;
  private final KnownVaults vaults;
  private final CatchUp topic;

  /// A reader of the topic `vaults`.
  @FunctionalInterface
  public interface CatchUp {
    /// Waits until everything that is on the topic now was read.
    ///
    /// @return false when that is not so after `longest`
    boolean await(Duration longest);
  }

  public ProxyWaysOut(ProxyAddress proxy, KnownVaults vaults, CatchUp topic) {
    this.proxy = proxy;
    this.vaults = vaults;
    this.topic = topic;
  }

  @Override
  public Optional<WayOut> find(
      SessionId session, JsonNode environmentConfig, List<String> vaultIds) {
    Optional<Networking> networking = networking(environmentConfig);
    if (networking.isEmpty()) {
      LOG.infof("the environment gives its sandboxes no network session_id=%s", session);
      return Optional.empty();
    }
    if (!vaultIds.isEmpty() && !topic.await(VAULTS_WAIT)) {
      LOG.warnf(
          "the topic of the vaults is not read to its end: a sandbox may lack new variables"
              + " session_id=%s",
          session);
    }
    Optional<String> authority = vaults.authority(AUTHORITY_WAIT);
    if (authority.isEmpty()) {
      LOG.warnf(
          "no certificate authority is known: a sandbox will not trust the egress proxy"
              + " session_id=%s",
          session);
    }
    return Optional.of(
        new WayOut(
            proxy,
            SandboxToken.random(),
            networking.get(),
            vaults.placeholders(session, vaultIds),
            authority));
  }

  /// Which networking a `config` asks for: all when it says nothing, none when its sandboxes are
  /// elsewhere or nobody can read it.
  static Optional<Networking> networking(JsonNode config) {
    if (!config.path("type").asText().equals(EnvironmentConfig.CLOUD)) {
      return Optional.empty();
    }
    JsonNode networking = config.path("networking");
    if (networking.isMissingNode() || networking.isNull()) {
      return Optional.of(new EnvironmentConfig.Unrestricted());
    }
    try {
      return Optional.of(Json.mapper().treeToValue(networking, Networking.class));
    } catch (JsonProcessingException e) {
      LOG.warnf("the networking of an environment cannot be read: %s", e.getOriginalMessage());
      return Optional.empty();
    }
  }
}
