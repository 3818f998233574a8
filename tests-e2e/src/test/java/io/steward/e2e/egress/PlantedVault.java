package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Leaks;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.vault.OauthServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A vault with a credential of every kind, each with a secret that must show up nowhere.
final class PlantedVault {
  static final String KEY_ID = "AKIDEXAMPLE0123456";

  private static final Duration SHORT_LIFE = Duration.ofSeconds(30);

  private final String host;
  private final Map<String, String> secrets = new LinkedHashMap<>();

  /// @param host that secrets may be sent to
  PlantedVault(String host) {
    this.host = host;
  }

  /// All secrets so far.
  Collection<String> secrets() {
    return List.copyOf(secrets.values());
  }

  /// The secret of that name, made when it is first asked for.
  String secret(String name) {
    return secrets.computeIfAbsent(
        name, _ -> "canary" + UUID.randomUUID().toString().replace("-", ""));
  }

  /// A secret somebody else made.
  void add(String name, String secret) {
    secrets.put(name, secret);
  }

  /// The id of a new vault.
  ///
  /// @param tracker URL of an MCP server with a fixed token
  /// @param guarded URL of one with the tokens of `oauth`
  String make(Stage stage, String tracker, String guarded, OauthServer oauth) throws Exception {
    for (int i = 0; i <= 1; i++) {
      add("access token " + i, oauth.accessToken(i));
      add("refresh token " + i, oauth.refreshToken(i));
    }
    add("client secret", oauth.clientSecret());
    String vault = stage.api().post("/v1/vaults", "{\"display_name\":\"Canary\"}").id();
    add(
        stage,
        vault,
        "{\"type\":\"static_bearer\",\"mcp_server_url\":\"%s\",\"token\":\"%s\"}"
            .formatted(tracker, secret("static bearer token")));
    add(
        stage,
        vault,
        """
        {"type":"mcp_oauth","mcp_server_url":"%s","access_token":"%s","expires_at":"%s",
         "refresh":{"client_id":"client","token_endpoint":"%s","refresh_token":"%s",
          "token_endpoint_auth":{"type":"client_secret_basic","client_secret":"%s"}}}
        """
            .formatted(
                guarded,
                oauth.accessToken(0),
                Instant.now().plus(SHORT_LIFE),
                oauth.url("/token"),
                oauth.refreshToken(0),
                oauth.clientSecret()));
    variable(stage, vault, "HEADER_TOKEN", limited(), "{\"header\":true}");
    variable(stage, vault, "BODY_TOKEN", limited(), "{\"body\":true}");
    variable(stage, vault, "BASIC_PASSWORD", limited(), "{\"header\":true,\"body\":true}");
    variable(stage, vault, "OPEN_TOKEN", "{\"type\":\"unrestricted\"}", "{\"header\":true}");
    add(
        stage,
        vault,
        "{\"type\":\"x_aws_sigv4\",\"access_key_id\":\"%s\",\"secret_access_key\":\"%s\",\"networking\":%s}"
            .formatted(KEY_ID, secret("AWS"), limited()));
    add(
        stage,
        vault,
        """
        {"type":"x_hmac","secret_name":"HOOK_KEY","secret_value":"%s","algorithm":"sha256",
         "encoding":"hex","prefix":"sha256=","header":"X-Signature","networking":%s}
        """
            .formatted(secret("HOOK_KEY"), limited()));
    return vault;
  }

  private String limited() {
    return "{\"type\":\"limited\",\"allowed_hosts\":[\"" + host + "\"]}";
  }

  private void variable(Stage stage, String vault, String name, String networking, String location)
      throws Exception {
    add(
        stage,
        vault,
        """
        {"type":"environment_variable","secret_name":"%s","secret_value":"%s","networking":%s,
         "injection_location":%s}
        """
            .formatted(name, secret(name), networking, location));
  }

  private void add(Stage stage, String vault, String auth) throws Exception {
    Answer added =
        stage.api().post("/v1/vaults/" + vault + "/credentials", "{\"auth\":" + auth + "}");
    assertEquals(200, added.status(), added.text());
    assertFalse(new Leaks(secrets()).in(added.text()), added.text());
  }
}
