package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.stage.OauthSite;
import io.steward.vaultproxy.store.PostgresTokens.Start;
import io.steward.vaultproxy.vault.AccessToken;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What happens while a token is being refreshed.
class RefreshRacesTest extends TokenCase {
  RefreshRacesTest(@TempDir Path directory) throws IOException {
    super(directory);
  }

  private record Held(CountDownLatch asked, CountDownLatch mayAnswer) {}

  private Held held() {
    Held held = new Held(new CountDownLatch(1), new CountDownLatch(1));
    site.site()
        .page(
            "/token",
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              held.asked().countDown();
              try {
                held.mayAnswer().await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              OauthSite.send(
                  exchange,
                  200,
                  Map.of(
                      "access_token", "canary-late",
                      "token_type", "Bearer",
                      "refresh_token", "canary-late-r"));
            });
    return held;
  }

  @Test
  void nothing_is_kept_for_a_credential_that_was_archived_meanwhile() throws Exception {
    Vault vault = stage.vault();
    Vault other = stage.vault();
    Credential credential = oauth(vault);
    bearer(other, site.url("/mcp"), "of the other vault".replace(' ', '-'));
    stage.set(END);
    Held held = held();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> found = threads.submit(() -> text(find(vault, other)));
      held.asked().await();
      stage.credentials().archive(vault.id(), credential.id(), END);
      held.mayAnswer().countDown();

      assertEquals("of-the-other-vault", found.get());
    }
    assertEquals(
        "0",
        stage
            .database()
            .ask(
                "SELECT count(*) FROM vault_proxy.vault_secret WHERE credential_id = '"
                    + credential.id()
                    + "'"));
  }

  @Test
  void a_token_somebody_set_meanwhile_stays_and_the_refresh_token_is_kept() throws Exception {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    stage.set(END);
    Held held = held();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> found = threads.submit(() -> text(find(vault)));
      held.asked().await();
      stage.update(
          credential,
          "{'display_name':'n','auth':{'type':'mcp_oauth','access_token':'canary-by-hand',"
              + "'expires_at':'2030-01-01T00:00:00Z'}}");
      held.mayAnswer().countDown();

      assertEquals("canary-by-hand", found.get());
    }
    assertEquals(Optional.of("canary-by-hand"), secret(credential, SecretField.ACCESS_TOKEN));
    assertEquals(Optional.of("canary-late-r"), secret(credential, SecretField.REFRESH_TOKEN));
    assertEquals(Instant.parse("2030-01-01T00:00:00Z"), auth(credential).expiresAt());
    assertEquals("n", stage.credentials().find(vault.id(), credential.id()).displayName());
  }

  @Test
  void a_refresh_is_kept_although_who_wanted_it_has_left() throws Exception {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    stage.set(END);
    Held held = held();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> left = threads.submit(() -> text(find(vault)));
      held.asked().await();
      left.cancel(true);
      Future<String> second = threads.submit(() -> text(find(vault)));
      held.mayAnswer().countDown();

      assertEquals("canary-late", second.get());
    }
    assertEquals(Optional.of("canary-late-r"), secret(credential, SecretField.REFRESH_TOKEN));
    assertEquals(1, site.visits("/token"));
  }

  @Test
  void a_refresh_whose_instance_died_is_taken_over_when_its_lease_ends() throws Exception {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    stage.set(END);
    SecretValue stale = new SecretValue(OauthSite.FIRST_ACCESS);
    Duration lease = Duration.ofMinutes(10);

    Start dead = stage.tokens().begin(vault.id(), credential.id(), stale, "dead", lease);
    Start second = stage.tokens().begin(vault.id(), credential.id(), stale, "alive", lease);
    stage
        .database()
        .execute(
            "UPDATE vault_proxy.vault_credential"
                + " SET refreshing_until = now() - interval '1 second' WHERE id = '"
                + credential.id()
                + "'");

    assertInstanceOf(Start.Begun.class, dead);
    assertInstanceOf(Start.Busy.class, second);
    assertEquals("canary-access-1", text(find(vault)));
  }

  @Test
  void a_refresh_that_fails_is_a_log_line_without_a_secret() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    site.site()
        .page(
            "/token",
            exchange ->
                OauthSite.send(
                    exchange,
                    400,
                    Map.of(
                        "error",
                        "invalid_grant",
                        "error_description",
                        new String(
                            exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8))));
    stage.set(END);
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler =
        new StreamHandler() {
          @Override
          public void publish(LogRecord record) {
            lines.add(
                record instanceof ExtLogRecord line
                    ? line.getFormattedMessage() + record.getThrown()
                    : record.getMessage() + Arrays.toString(record.getParameters()));
          }
        };
    Logger logger = Logger.getLogger(Refreshes.class.getName());
    logger.addHandler(handler);
    try {
      var _ = find(vault);
    } finally {
      logger.removeHandler(handler);
    }

    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.getFirst().contains(credential.id()), lines::toString);
    assertTrue(lines.getFirst().contains("invalid_grant"), lines::toString);
    assertFalse(lines.getFirst().contains("canary"), lines::toString);
  }

  @Test
  void nothing_says_a_secret_aloud() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    AccessToken token = find(vault).orElseThrow();

    assertFalse(token.toString().contains("canary"), token.toString());
    String open = stage.tokens().find(vault.id(), credential.id()).orElseThrow().toString();
    assertFalse(open.contains("canary"), open);
    assertNotEquals("", open);
  }
}
