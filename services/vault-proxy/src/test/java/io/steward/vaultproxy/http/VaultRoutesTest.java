package io.steward.vaultproxy.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.vaultproxy.audit.PostgresUses;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.oauth.Refreshes;
import io.steward.vaultproxy.oauth.Validations;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.outbox.OutboxRelay;
import io.steward.vaultproxy.outbox.PostgresOutbox;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.stage.RecordedUses;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresTokens;
import io.steward.vaultproxy.store.PostgresVaults;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/// The routes without a database behind them.
class VaultRoutesTest {
  private static final String GOOD =
      "{\"display_name\":\"Ada\",\"auth\":{\"type\":\"static_bearer\",\"token\":\"t\","
          + "\"mcp_server_url\":\"https://a.example\"}}";

  private static final Vertx VERTX = Vertx.vertx();

  private final List<Route> routes;

  VaultRoutesTest(@TempDir Path directory) throws IOException {
    PGSimpleDataSource nowhere = new PGSimpleDataSource();
    nowhere.setPortNumbers(new int[] {1});
    DataKeys keys = new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, 1)));
    Transactions transactions = new Transactions(nowhere);
    InstantSource clock = InstantSource.system();
    PostgresCredentials credentials = new PostgresCredentials(transactions, keys);
    OutboxRelay relay =
        new OutboxRelay(new PostgresOutbox(transactions), List::size, Duration.ZERO);
    routes =
        Stream.of(
                new VaultRoutes(new PostgresVaults(transactions, keys), relay, clock).routes(),
                new CredentialRoutes(
                        credentials, validations(credentials, transactions, keys), relay, clock)
                    .routes(),
                new AuditRoutes(new PostgresUses(transactions)).routes())
            .flatMap(List::stream)
            .toList();
  }

  private static Validations validations(
      PostgresCredentials credentials, Transactions transactions, DataKeys keys) {
    PostgresTokens tokens = new PostgresTokens(transactions, keys);
    PinnedClient client =
        new PinnedClient(
            VERTX,
            new CheckedAddresses(_ -> List.of(), AddressPolicy.parse("")),
            Duration.ofSeconds(1),
            null);
    return new Validations(
        credentials,
        tokens,
        new Refreshes(tokens, client, RecordedUses.audit(), new SimpleMeterRegistry()),
        client,
        RecordedUses.audit());
  }

  @AfterAll
  static void stop() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  private static Request request(String id, Map<String, List<String>> query, String body) {
    return new Request(
        Map.of("vault_id", id, "credential_id", id),
        new Query(query),
        body.getBytes(StandardCharsets.UTF_8));
  }

  private static int status(Route route, Request request) {
    return assertThrows(ApiException.class, () -> route.handler().handle(request), route::toString)
        .error()
        .status();
  }

  @Test
  void there_is_a_route_for_each_of_the_endpoints() {
    Map<String, Integer> methods = new HashMap<>();
    routes.forEach(route -> methods.merge(route.method(), 1, Integer::sum));

    assertEquals(Map.of("GET", 5, "POST", 7, "DELETE", 2), methods);
  }

  @Test
  void without_the_database_every_good_request_is_told_so() {
    for (Route route : routes) {
      assertThrows(
          DependencyAwayException.class,
          () -> route.handler().handle(request("id", Map.of(), GOOD)),
          route::toString);
    }
  }

  @Test
  void what_cannot_be_an_id_or_a_body_never_reaches_the_database() {
    for (Route route : routes) {
      boolean acts = List.of("archive", "mcp_oauth_validate").contains(route.template().getLast());
      if (route.template().contains("{vault_id}")) {
        assertEquals(404, status(route, request("a b", Map.of(), GOOD)));
      }
      if (route.method().equals("POST") && !acts) {
        assertEquals(400, status(route, request("id", Map.of(), "[]")));
      }
      if (route.method().equals("GET") && !route.template().getLast().endsWith("_id}")) {
        assertEquals(400, status(route, request("id", Map.of("limit", List.of("0")), "")));
      }
    }
  }
}
