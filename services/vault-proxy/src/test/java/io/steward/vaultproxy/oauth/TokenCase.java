package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.steward.vaultproxy.stage.OauthSite;
import io.steward.vaultproxy.stage.TokenStage;
import io.steward.vaultproxy.stage.TokenStage.Instance;
import io.steward.vaultproxy.vault.AccessToken;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialAuth.McpOauth;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A credential in a real database, and the real endpoint that refreshes it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class TokenCase {
  /// When the access tokens of new credentials end.
  static final Instant END = TokenStage.START.plusSeconds(600);

  final TokenStage stage;
  OauthSite site;
  Instance instance;

  TokenCase(@TempDir Path directory) throws IOException {
    stage = new TokenStage(directory);
  }

  @BeforeEach
  void start() throws IOException {
    stage.set(TokenStage.START);
    site = OauthSite.start();
    instance = stage.instance();
  }

  @AfterEach
  void stop() {
    instance.close();
    site.close();
  }

  @AfterAll
  void stopStage() throws IOException {
    stage.close();
  }

  Credential bearer(Vault vault, String url, String token) {
    return stage.credential(
        vault, "{'type':'static_bearer','mcp_server_url':'" + url + "','token':'" + token + "'}");
  }

  Credential oauth(Vault vault) {
    return oauth(vault, "client_secret_basic", "");
  }

  Credential oauth(Vault vault, String auth, String more) {
    String secret = auth.equals("none") ? "" : ",'client_secret':'" + OauthSite.CLIENT_SECRET + "'";
    return stage.credential(
        vault,
        "{'type':'mcp_oauth','mcp_server_url':'"
            + site.url("/mcp")
            + "','access_token':'"
            + OauthSite.FIRST_ACCESS
            + "','expires_at':'"
            + END
            + "','refresh':{'client_id':'"
            + OauthSite.CLIENT_ID
            + "','token_endpoint':'"
            + site.url("/token")
            + "','refresh_token':'"
            + OauthSite.FIRST_REFRESH
            + "',"
            + more
            + "'token_endpoint_auth':{'type':'"
            + auth
            + "'"
            + secret
            + "}}}");
  }

  Optional<AccessToken> find(Vault... vaults) {
    return find(instance, vaults);
  }

  Optional<AccessToken> find(Instance by, Vault... vaults) {
    return by.tokens().find(List.of(vaults).stream().map(Vault::id).toList(), site.url("/mcp"));
  }

  static String text(Optional<AccessToken> token) {
    return token.map(found -> found.token().text()).orElse("none");
  }

  Optional<String> secret(Credential credential, SecretField field) {
    return stage
        .credentials()
        .secret(credential.vaultId(), credential.id(), field)
        .map(SecretValue::text);
  }

  McpOauth auth(Credential credential) {
    Credential found = stage.credentials().find(credential.vaultId(), credential.id());
    return assertInstanceOf(McpOauth.class, found.auth());
  }
}
