package io.steward.vaultproxy.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.egress.EgressCommand.CloneRepository;
import io.steward.schemas.egress.EgressCommand.ForgetSession;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.secret.SealedSecret;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.clone.CloneFailure;
import io.steward.vaultproxy.clone.CloneFailure.Reason;
import io.steward.vaultproxy.clone.CloneJob.Target;
import io.steward.vaultproxy.secret.Secret;
import io.steward.vaultproxy.secret.Secrets;
import io.steward.vaultproxy.stage.RecordedUses;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClonesTest {
  private static final String URL = "https://github.com/a/b";
  private static final Instant USED = Instant.parse("2026-01-02T03:04:05.678Z");

  @TempDir Path directory;

  private final SessionId session = SessionId.random(2);
  private final StagedCloner cloner = new StagedCloner();
  private final StagedSecrets secrets = new StagedSecrets();
  private final RecordedUses uses = new RecordedUses();
  private final CloneJournal journal = new InMemoryCloneJournal();
  private final BlockingQueue<RepositoryResult> results = new LinkedBlockingQueue<>();
  private final Semaphore acknowledged = new Semaphore(0);
  private @Nullable Clones clones;

  /// Clones hold still until they are let go.
  private static final class StagedCloner implements Cloner {
    final List<String> tokens = new CopyOnWriteArrayList<>();
    final Semaphore started = new Semaphore(0);
    final CountDownLatch go = new CountDownLatch(1);
    volatile @Nullable CloneFailure failure;

    @Override
    public InputStream clone(String url, byte @Nullable [] token, Target target) {
      tokens.add(token == null ? "none" : new String(token, StandardCharsets.UTF_8));
      return new ByteArrayInputStream("archive".getBytes(StandardCharsets.UTF_8)) {
        private boolean begun;

        @Override
        public int read(byte[] bytes, int from, int length) {
          if (!begun) {
            begun = true;
            started.release();
            awaitGo();
          }
          return super.read(bytes, from, length);
        }

        @Override
        public long transferTo(java.io.OutputStream out) throws IOException {
          byte[] all = new byte[100];
          int count = read(all, 0, all.length);
          if (failure != null) {
            throw failure;
          }
          out.write(all, 0, count);
          return count;
        }
      };
    }

    private void awaitGo() {
      try {
        assertTrue(go.await(20, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static final class StagedSecrets implements Secrets {
    final Map<String, String> known = new ConcurrentHashMap<>();
    final Set<SessionId> forgotten = ConcurrentHashMap.newKeySet();
    final Semaphore asked = new Semaphore(0);
    volatile @Nullable ApiException refusal;

    @Override
    public void keep(SealedSecret sealed, byte[] plaintext) {}

    @Override
    public Optional<Secret> find(String id, SessionId session) {
      asked.release();
      if (refusal != null) {
        throw refusal;
      }
      return Optional.ofNullable(known.get(id))
          .map(text -> new Secret("github.com", text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void forget(SessionId session) {
      forgotten.add(session);
    }

    @Override
    public boolean isForgotten(SessionId session) {
      return forgotten.contains(session);
    }
  }

  private Clones clones(List<String> hosts, Duration secretWait) {
    Clones fresh =
        new Clones(
            new Clones.Parts(
                new GitHosts(hosts),
                secrets,
                journal,
                cloner,
                new DirectoryBlobStore(directory),
                (_, result) -> results.add(result),
                uses.audit(() -> USED)),
            1,
            secretWait);
    clones = fresh;
    return fresh;
  }

  private Clones clones() {
    return clones(List.of("github.com"), Duration.ofSeconds(20));
  }

  @AfterEach
  void close() {
    if (clones != null) {
      clones.close();
    }
  }

  private CloneRepository command(String attempt, @Nullable String secretId) {
    return new CloneRepository(session, "sesrsc_01x", attempt, URL, null, secretId);
  }

  private void send(Clones to, CloneRepository command) {
    to.clone(command, "wrkspc_default", acknowledged::release);
  }

  private RepositoryResult result() throws InterruptedException {
    RepositoryResult result = results.poll(20, TimeUnit.SECONDS);
    assertTrue(result != null, "a result");
    return result;
  }

  private static void await(Semaphore semaphore, int count) throws InterruptedException {
    assertTrue(semaphore.tryAcquire(count, 20, TimeUnit.SECONDS));
  }

  private RepositoryResult success(String attempt) {
    return new RepositoryResult(
        session,
        "sesrsc_01x",
        attempt,
        session + "/repositories/sesrsc_01x-" + attempt,
        null,
        null);
  }

  @Test
  void two_copies_of_a_command_at_once_are_one_clone_and_both_acknowledged() throws Exception {
    Clones clones = clones();
    send(clones, command("1", null));
    await(cloner.started, 1);
    send(clones, command("1", null));
    cloner.go.countDown();

    assertEquals(success("1"), result());
    await(acknowledged, 2);
    assertEquals(List.of("none"), cloner.tokens);
    assertTrue(results.isEmpty());
  }

  @Test
  void a_command_that_comes_after_its_archive_is_answered_from_that() throws Exception {
    Clones clones = clones();
    cloner.go.countDown();
    send(clones, command("1", null));
    RepositoryResult first = result();
    await(acknowledged, 1);
    send(clones, command("1", null));

    assertEquals(first, result());
    assertEquals(1, cloner.tokens.size());
  }

  @Test
  void a_clone_that_failed_is_not_made_again_when_its_command_comes_again() throws Exception {
    Clones clones = clones();
    cloner.failure = new CloneFailure(Reason.NOT_FOUND, "Not there.");
    cloner.go.countDown();
    send(clones, command("1", null));
    RepositoryResult first = result();
    await(acknowledged, 1);
    cloner.failure = null;
    send(clones, command("1", null));

    assertEquals(first, result());
    assertEquals(1, cloner.tokens.size());
  }

  @Test
  void a_clone_that_a_crash_cut_off_starts_again_until_it_did_so_too_often() throws Exception {
    cloner.go.countDown();
    for (int start = 1; start < Clones.STARTS_MAX; start++) {
      journal.start(command("1", null), "wrkspc_default");
      journal.start(command("2", null), "wrkspc_default");
    }
    journal.start(command("2", null), "wrkspc_default");
    Clones clones = clones();
    send(clones, command("1", null));
    assertEquals(success("1"), result());
    send(clones, command("2", null));

    assertEquals(
        "The repository could not be cloned: 10 attempts were cut off.", result().message());
    assertEquals(1, cloner.tokens.size());
  }

  @Test
  void clones_wait_for_their_turn() throws Exception {
    Clones clones = clones();
    send(clones, command("1", null));
    await(cloner.started, 1);
    send(clones, command("2", null));
    assertFalse(cloner.started.tryAcquire(100, TimeUnit.MILLISECONDS));
    cloner.go.countDown();

    assertEquals(Set.of(success("1"), success("2")), Set.of(result(), result()));
  }

  @Test
  void a_clone_with_a_token_is_a_use_of_it_and_one_without_is_none() throws Exception {
    cloner.go.countDown();
    secrets.known.put("sec_1", "token");
    Clones clones = clones();
    send(clones, command("1", null));
    assertEquals(success("1"), result());
    send(clones, command("2", "sec_1"));
    assertEquals(success("2"), result());

    CredentialUse use = uses.all().getFirst();
    assertEquals(
        List.of(
            new CredentialUse(
                use.id(),
                USED,
                "wrkspc_default",
                null,
                "sec_1",
                session,
                Purpose.GIT,
                "github.com",
                443,
                true,
                Outcome.ANSWERED,
                null)),
        uses.all());
  }

  @ParameterizedTest
  @CsvSource({
    "AUTHENTICATION,git refused 401",
    "FORBIDDEN,git refused 403",
    "NOT_FOUND,git answered 404",
    "CHECKOUT,git answered null",
    "CLONE,git failed null"
  })
  void a_clone_that_fails_is_a_use_of_its_token(Reason reason, String use) throws Exception {
    cloner.failure = new CloneFailure(reason, "No.");
    cloner.go.countDown();
    secrets.known.put("sec_1", "token");
    send(clones(), command("1", "sec_1"));

    assertEquals("No.", result().message());
    assertEquals(List.of(use), uses.summaries());
  }

  @Test
  void no_token_is_used_before_that_can_be_recorded() throws Exception {
    cloner.go.countDown();
    secrets.known.put("sec_1", "token");
    uses.full(true);
    send(clones(), command("1", "sec_1"));
    assertFalse(secrets.asked.tryAcquire(100, TimeUnit.MILLISECONDS));
    uses.full(false);

    assertEquals(success("1"), result());
    assertEquals(List.of("git answered null"), uses.summaries());
  }

  @Test
  void a_secret_that_has_not_arrived_is_waited_for() throws Exception {
    cloner.go.countDown();
    send(clones(), command("1", "secret_1"));
    await(secrets.asked, 2);
    secrets.known.put("secret_1", "token");

    assertEquals(success("1"), result());
    assertEquals(List.of("token"), cloner.tokens);
  }

  @Test
  void a_secret_that_never_arrives_is_an_authentication_error() throws Exception {
    send(clones(List.of("github.com"), Duration.ofMillis(1)), command("1", "secret_1"));

    RepositoryResult result = result();
    assertEquals("repository_authentication_error", result.errorType());
    assertEquals(List.of(), cloner.tokens);
  }

  @Test
  void a_service_that_may_not_use_secrets_answers_with_its_sentence() throws Exception {
    secrets.refusal = new ApiException(ApiError.unavailable("It is read-only."));
    send(clones(), command("1", "secret_1"));

    RepositoryResult result = result();

    assertEquals("repository_clone_error", result.errorType());
    assertEquals("It is read-only.", result.message());
    assertEquals(List.of(), cloner.tokens);
  }

  @Test
  void a_secret_goes_to_its_own_host_only() throws Exception {
    secrets.known.put("secret_1", "token");
    Clones clones = clones(List.of("other.example"), Duration.ZERO);
    clones.clone(
        new CloneRepository(session, "r", "1", "https://other.example/a", null, "secret_1"),
        "wrkspc_default",
        acknowledged::release);

    RepositoryResult result = result();
    assertEquals("repository_authentication_error", result.errorType());
    assertEquals(
        "The token of the repository is for another host than other.example.", result.message());
    assertEquals(List.of(), cloner.tokens);
  }

  @Test
  void a_host_that_is_not_listed_is_a_clone_error() throws Exception {
    send(clones(List.of("git.example"), Duration.ZERO), command("1", null));

    RepositoryResult result = result();
    assertEquals("repository_clone_error", result.errorType());
    assertEquals(
        "The host github.com is not one of those this installation clones from.", result.message());
  }

  @Test
  void a_failed_clone_stores_nothing_and_says_why() throws Exception {
    cloner.failure = new CloneFailure(Reason.NOT_FOUND, "Not there.");
    cloner.go.countDown();
    send(clones(), command("1", null));

    assertEquals(
        new RepositoryResult(
            session, "sesrsc_01x", "1", null, "repository_not_found_error", "Not there."),
        result());
    await(acknowledged, 1);
    assertFalse(directory.resolve(session + "/repositories/sesrsc_01x-1").toFile().exists());
  }

  @Test
  void a_session_that_goes_during_a_clone_gets_no_archive_and_no_answer() throws Exception {
    Clones clones = clones();
    send(clones, command("1", null));
    await(cloner.started, 1);
    clones.forget(new ForgetSession(session), acknowledged::release);
    await(acknowledged, 1);
    cloner.go.countDown();
    await(acknowledged, 1);

    assertTrue(results.isEmpty());
    assertFalse(directory.resolve(session + "/repositories/sesrsc_01x-1").toFile().exists());
  }

  @Test
  void a_session_that_goes_takes_its_archives_along() throws Exception {
    Clones clones = clones();
    cloner.go.countDown();
    send(clones, command("1", null));
    assertEquals(success("1"), result());
    await(acknowledged, 1);
    clones.forget(new ForgetSession(session), acknowledged::release);
    await(acknowledged, 1);

    assertFalse(archive("1").exists());
  }

  @Test
  void what_a_crash_left_of_a_session_that_is_gone_goes_when_its_command_comes_again()
      throws Exception {
    Clones clones = clones();
    new DirectoryBlobStore(directory).put(session + "/repositories/sesrsc_01x-1", new byte[] {1});
    secrets.forget(session);
    send(clones, command("1", null));
    await(acknowledged, 1);

    assertTrue(results.isEmpty());
    assertFalse(archive("1").exists());
  }

  private File archive(String attempt) {
    return directory.resolve(session + "/repositories/sesrsc_01x-" + attempt).toFile();
  }

  @Test
  void what_runs_when_the_service_stops_is_not_acknowledged() throws Exception {
    Clones clones = clones();
    send(clones, command("1", null));
    await(cloner.started, 1);
    clones.close();
    cloner.go.countDown();

    assertFalse(acknowledged.tryAcquire(100, TimeUnit.MILLISECONDS));
    assertTrue(results.isEmpty());
  }
}
