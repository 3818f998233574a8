package io.steward.vaultproxy;

import io.micrometer.core.instrument.MeterRegistry;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.egress.SystemResolver;
import io.steward.vaultproxy.oauth.CredentialTokens;
import io.steward.vaultproxy.oauth.Refreshes;
import io.steward.vaultproxy.oauth.Validations;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresTokens;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import javax.sql.DataSource;

/// Parts that find, refresh and try the tokens of MCP servers.
@Singleton
class TokenBeans {
  private static final Duration RESOLVE_MAX = Duration.ofSeconds(5);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

  @Produces
  @Singleton
  SystemResolver resolver() {
    return new SystemResolver(RESOLVE_MAX);
  }

  void close(@Disposes SystemResolver resolver) {
    resolver.close();
  }

  @Produces
  @Singleton
  CheckedAddresses addresses(SystemResolver resolver, AddressPolicy policy) {
    return new CheckedAddresses(resolver, policy);
  }

  @Produces
  @Singleton
  PinnedClient client(Vertx vertx, CheckedAddresses addresses) {
    return new PinnedClient(vertx, addresses, CONNECT_MAX, null);
  }

  void close(@Disposes PinnedClient client) {
    client.close();
  }

  @Produces
  @Singleton
  PostgresTokens openCredentials(DataSource database, DataKeys keys) {
    return new PostgresTokens(new Transactions(database), keys);
  }

  @Produces
  @Singleton
  Refreshes refreshes(
      PostgresTokens tokens, PinnedClient client, Audit audit, MeterRegistry registry) {
    return new Refreshes(tokens, client, audit, registry);
  }

  void close(@Disposes Refreshes refreshes) {
    refreshes.close();
  }

  @Produces
  @Singleton
  CredentialTokens tokens(PostgresTokens tokens, Refreshes refreshes, InstantSource clock) {
    return new CredentialTokens(tokens, refreshes, clock);
  }

  @Produces
  @Singleton
  Validations validations(
      PostgresCredentials credentials,
      PostgresTokens tokens,
      Refreshes refreshes,
      PinnedClient client,
      Audit audit) {
    return new Validations(credentials, tokens, refreshes, client, audit);
  }
}
