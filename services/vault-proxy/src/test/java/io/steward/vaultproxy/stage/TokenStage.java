package io.steward.vaultproxy.stage;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.oauth.CredentialTokens;
import io.steward.vaultproxy.oauth.Refreshes;
import io.steward.vaultproxy.oauth.Validations;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresTokens;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.Vault;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// Vaults in a real database, with a clock that stands still, and instances of what uses them.
/// `inside.example` has an address that is not allowed, and nothing else has a name.
public final class TokenStage implements AutoCloseable {
  public static final Instant START = Instant.parse("2026-01-02T03:04:05.678Z");

  private final Vertx vertx = Vertx.vertx();
  private final Database database;
  private final DataKeys keys;
  private final PostgresVaults vaults;
  private final PostgresCredentials credentials;
  private final PostgresTokens tokens;
  private final PinnedClient client;
  private final RecordedUses uses = new RecordedUses();
  private volatile Instant now = START;

  /// @param directory for the key-encryption key
  public TokenStage(Path directory) throws IOException {
    database = Database.start();
    keys = new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, 1)));
    Transactions transactions = new Transactions(database.source());
    vaults = new PostgresVaults(transactions, keys);
    credentials = new PostgresCredentials(transactions, keys);
    tokens = new PostgresTokens(transactions, keys);
    client = client(vertx);
  }

  /// One that may connect to this machine.
  public static PinnedClient client(Vertx vertx) {
    CheckedAddresses addresses =
        new CheckedAddresses(TokenStage::resolve, AddressPolicy.parse("127.0.0.0/8"));
    return new PinnedClient(vertx, addresses, Duration.ofSeconds(5), null);
  }

  private static List<InetAddress> resolve(String name) throws UnknownHostException {
    if (name.equals("inside.example")) {
      return List.of(InetAddress.ofLiteral("10.0.0.1"));
    }
    throw new UnknownHostException(name);
  }

  /// What one process has.
  public record Instance(CredentialTokens tokens, Refreshes refreshes, Validations validations)
      implements AutoCloseable {
    @Override
    public void close() {
      refreshes.close();
    }
  }

  public Instance instance() {
    Refreshes refreshes =
        new Refreshes(tokens, client, uses.audit(clock()), new SimpleMeterRegistry());
    return new Instance(
        new CredentialTokens(tokens, refreshes, clock()),
        refreshes,
        new Validations(credentials, tokens, refreshes, client, uses.audit(clock())));
  }

  /// What all instances used.
  public RecordedUses uses() {
    return uses;
  }

  public InstantSource clock() {
    return () -> now;
  }

  public void set(Instant time) {
    now = time;
  }

  public PostgresVaults vaults() {
    return vaults;
  }

  public PostgresCredentials credentials() {
    return credentials;
  }

  public PostgresTokens tokens() {
    return tokens;
  }

  public DataKeys keys() {
    return keys;
  }

  public Database database() {
    return database;
  }

  public Vault vault() {
    return vaults.create(new Vault(Ids.random("vlt_"), "Ada", Map.of(), START, START, null));
  }

  /// @param auth JSON with single quotes
  public Credential credential(Vault vault, String auth) {
    return credentials.create(
        CredentialRules.create(
            json("{'auth':" + auth + "}"), Ids.random("vcrd_"), vault.id(), START));
  }

  /// @param patch JSON with single quotes
  public Credential update(Credential credential, String patch) {
    return credentials.change(
        credential.vaultId(),
        credential.id(),
        current -> CredentialRules.update(current, json(patch), now));
  }

  private static JsonNode json(String text) {
    return Json.tree(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    client.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    database.close();
  }
}
