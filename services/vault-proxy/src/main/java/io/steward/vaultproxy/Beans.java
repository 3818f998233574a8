package io.steward.vaultproxy;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.s3.BlobStores;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.search.WebSearch;
import io.steward.schemas.trace.Tracing;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.egress.SystemResolver;
import io.steward.vaultproxy.mcp.McpLimits;
import io.steward.vaultproxy.mcp.McpServers;
import io.steward.vaultproxy.outbox.OutboxRelay;
import io.steward.vaultproxy.outbox.PostgresOutbox;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.seal.KeyRotation;
import io.steward.vaultproxy.seal.WrappingKeys;
import io.steward.vaultproxy.search.SearchLimits;
import io.steward.vaultproxy.search.SearxngSearch;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.topic.KafkaVaultTopic;
import io.steward.vaultproxy.transport.PinnedHttp;
import io.steward.vaultproxy.vault.AccessTokens;
import io.steward.vaultproxy.web.WebFetch;
import io.steward.vaultproxy.web.WebLimits;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneOffset;
import javax.sql.DataSource;

/// Parts that more than one other part needs.
@Singleton
class Beans {
  /// @throws IllegalStateException with one sentence when its file holds something else
  @Produces
  @Singleton
  KeyEncryptionKey keyEncryptionKey(VaultSettings settings) {
    return KeyEncryptionKey.of(settings.keyFile());
  }

  @Produces
  @Singleton
  KeyRotation keyRotation(KeyEncryptionKey kek, DataSource database, VaultSettings settings) {
    return new KeyRotation(kek, new WrappingKeys(database), settings.dir());
  }

  @Produces
  @Singleton
  DataKeys dataKeys(KeyEncryptionKey kek) {
    return new DataKeys(kek);
  }

  @Produces
  @Singleton
  PostgresVaults vaults(DataSource database, DataKeys keys) {
    return new PostgresVaults(new Transactions(database), keys);
  }

  @Produces
  @Singleton
  PostgresCredentials credentials(DataSource database, DataKeys keys) {
    return new PostgresCredentials(new Transactions(database), keys);
  }

  /// @throws IllegalStateException with one sentence when a setting of the bucket cannot be used
  @Produces
  @Singleton
  BlobStore blobs(VaultSettings settings) {
    return BlobStores.open(settings.blobDir(), settings.blobS3());
  }

  @Produces
  @Singleton
  RecordFormat recordFormat(BlobStore blobs) {
    return new RecordFormat(blobs);
  }

  @Produces
  @Singleton
  KafkaVaultTopic vaultTopic(VaultSettings settings, RecordFormat format, InstantSource clock) {
    return new KafkaVaultTopic(
        settings.bootstrapServers(), format, clock, KafkaVaultTopic.SEND_MAX);
  }

  @Produces
  @Singleton
  OutboxRelay outboxRelay(DataSource database, KafkaVaultTopic topic, VaultSettings settings) {
    return new OutboxRelay(
        new PostgresOutbox(new Transactions(database)), topic, settings.publishTimeout());
  }

  /// @throws IllegalStateException with one sentence when the operator's ranges are none
  @Produces
  @Singleton
  AddressPolicy addressPolicy(EgressSettings settings) {
    String allowed = settings.allowedAddresses().orElse("");
    try {
      return AddressPolicy.parse(allowed);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "steward.egress.allowed-addresses (STEWARD_EGRESS_ALLOWED_ADDRESSES) is \""
              + allowed
              + "\": "
              + e.getMessage()
              + ". It must be ranges of addresses with commas between them, such as"
              + " 10.1.0.0/16,fd00::/8.",
          e);
    }
  }

  @Produces
  @Singleton
  McpServers mcpServers(
      McpSettings settings,
      CheckedAddresses addresses,
      AccessTokens tokens,
      Vertx vertx,
      Audit audit) {
    McpLimits limits = McpLimits.usual(settings.callTimeMax());
    int connectionsMax = limits.connectionsMax() + settings.callsMax();
    return new McpServers(
        limits,
        new PinnedHttp(vertx, addresses, limits.transport(), connectionsMax, null),
        tokens,
        audit);
  }

  @Produces
  @Singleton
  WebFetch webFetch(VaultSettings settings, CheckedAddresses addresses, Vertx vertx) {
    return new WebFetch(
        vertx, addresses, WebLimits.usual(), settings.dir().resolve("documents"), null);
  }

  void close(@Disposes WebFetch fetch) {
    fetch.close();
  }

  /// @throws IllegalStateException with one sentence when the URL of the instance is none
  @Produces
  @Singleton
  WebSearch webSearch(SearchSettings settings, SystemResolver resolver, Vertx vertx) {
    String url = settings.searxngUrl().orElse("");
    if (url.isEmpty()) {
      return _ -> SearchOutcome.unavailable("This server has no search service.");
    }
    try {
      return SearxngSearch.at(url, vertx, resolver, SearchLimits.usual());
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "steward.web-search.searxng-url (STEWARD_WEB_SEARCH_SEARXNG_URL) is \""
              + (url.contains("@") ? "***" : url) // Nothing that may be a password.
              + "\": "
              + e.getMessage()
              + " It must be the URL of a SearXNG instance, such as http://searxng:8080/.",
          e);
    }
  }

  void close(@Disposes WebSearch search) {
    search.close();
  }

  @Produces
  @Singleton
  Tracing tracing() {
    return Tracing.open("vault-proxy");
  }

  void close(@Disposes Tracing tracing) {
    tracing.close();
  }

  /// Whole milliseconds, as the API shows moments and as lists are ordered.
  @Produces
  @Singleton
  InstantSource clock() {
    return Clock.tickMillis(ZoneOffset.UTC);
  }
}
