package io.steward.vaultproxy.oauth;

import io.micrometer.core.instrument.MeterRegistry;
import io.steward.schemas.id.Ids;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.oauth.Refreshed.Failed;
import io.steward.vaultproxy.oauth.Refreshed.Fresh;
import io.steward.vaultproxy.oauth.Refreshed.Gone;
import io.steward.vaultproxy.outbound.Deadline;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.store.PostgresTokens;
import io.steward.vaultproxy.store.PostgresTokens.Start;
import io.steward.vaultproxy.vault.AccessToken;
import io.steward.vaultproxy.vault.CredentialAuth.Refresh;
import io.steward.vaultproxy.vault.GrantedTokens;
import io.steward.vaultproxy.vault.OpenCredential;
import io.steward.vaultproxy.vault.SecretField;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/// Has access tokens replaced. For one token this happens once: who comes later in this instance
/// waits for the same answer, and other instances see the lease in the database (see
/// [PostgresTokens]), wait for it, and find the new token.
///
/// A refresh has a thread of its own and is never cut off, not even when nobody waits any more: the
/// endpoint may have replaced the refresh token already, and then only the answer has the next one.
public final class Refreshes implements AutoCloseable {
  /// Of asking an endpoint.
  static final Duration ASKING_MAX = Duration.ofSeconds(10);

  /// After which a refresh that did not end does not hold up others any more; longer than asking
  /// and keeping take.
  static final Duration LEASE_MAX = Duration.ofSeconds(30);

  /// How long anybody waits for a refresh; some other instance's may come first.
  static final Duration WAIT_MAX = LEASE_MAX.plusSeconds(15);

  /// How long an endpoint that granted nothing is left alone.
  static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(30);

  /// How long a token that was just granted is taken for as good as it gets.
  static final Duration PAUSE_AFTER_SUCCESS = Duration.ofSeconds(5);

  /// Endpoints that are asked at once; other refreshes wait.
  static final int ASKED_MAX = 16;

  /// Tries to keep what was granted, while the database is away.
  static final int KEEP_TRIES_MAX = 3;

  private static final Duration LOOK_PAUSE = Duration.ofMillis(100);
  private static final Duration KEEP_PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);
  private static final Logger LOG = Logger.getLogger(Refreshes.class);

  private final PostgresTokens tokens;
  private final TokenEndpoint endpoint;
  private final InstantSource clock;
  private final MeterRegistry registry;
  private final Pauses pauses;
  private final Semaphore asking = new Semaphore(ASKED_MAX);
  private final Map<AccessToken, CompletableFuture<Refreshed>> running = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  public Refreshes(
      PostgresTokens tokens, PinnedClient client, Audit audit, MeterRegistry registry) {
    this.tokens = tokens;
    this.endpoint =
        new TokenEndpoint(
            client, audit.user(Purpose.OAUTH_REFRESH, Envelope.DEFAULT_WORKSPACE, null));
    this.clock = audit.clock();
    this.registry = registry;
    this.pauses = new Pauses(clock);
  }

  /// Another token than `stale`, unless its endpoint was asked in vain a moment ago.
  ///
  /// @throws DependencyAwayException when the database does not answer
  Refreshed refreshed(AccessToken stale) {
    return pauses.holds(stale.credentialId(), stale.token())
        ? new Failed("The token endpoint was asked for another token a moment ago.", false, null)
        : asked(stale, Deadline.in(WAIT_MAX));
  }

  /// Another token than `stale`, whatever happened a moment ago.
  ///
  /// @param deadline after which its endpoint is not waited for any more
  /// @throws DependencyAwayException when the database does not answer
  Refreshed asked(AccessToken stale, Deadline deadline) {
    CompletableFuture<Refreshed> mine = new CompletableFuture<>();
    CompletableFuture<Refreshed> others = running.putIfAbsent(stale, mine);
    if (others == null && !started(() -> run(stale, mine))) {
      running.remove(stale, mine);
      mine.complete(new Failed("The service stops.", false, null));
    }
    try {
      return (others == null ? mine : others)
          .get(deadline.left().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new Failed("The refresh did not end in time.", false, null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Failed("Waiting for the refresh was interrupted.", false, null);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof DependencyAwayException away
          ? new DependencyAwayException("the database", away)
          : new IllegalStateException("a refresh failed", e.getCause());
    }
  }

  private boolean started(Runnable refresh) {
    try {
      threads.execute(refresh);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void run(AccessToken stale, CompletableFuture<Refreshed> result) {
    try {
      result.complete(inTurn(stale, Deadline.in(WAIT_MAX)));
    } catch (RuntimeException | Error e) {
      LOG.warnf(e, "refreshing credential %s failed", stale.credentialId());
      result.completeExceptionally(e);
    } finally {
      running.remove(stale, result);
    }
  }

  private Refreshed inTurn(AccessToken stale, Deadline deadline) {
    String holder = Ids.random("rfr_");
    while (!deadline.left().isZero()) {
      asking.acquireUninterruptibly();
      try {
        switch (tokens.begin(
            stale.vaultId(), stale.credentialId(), stale.token(), holder, LEASE_MAX)) {
          case Start.Begun(var credential) -> {
            return exchanged(credential, stale, holder);
          }
          case Start.Changed(var credential) -> {
            return new Fresh(credential, false);
          }
          case Start.Gone _ -> {
            return new Gone();
          }
          case Start.Busy _ -> {} // Looked at again below.
        }
      } finally {
        asking.release();
      }
      LockSupport.parkNanos(LOOK_PAUSE.toNanos());
    }
    return new Failed("Another refresh of the credential did not end.", false, null);
  }

  private Refreshed exchanged(OpenCredential credential, AccessToken stale, String holder) {
    TokenAnswer answer;
    try {
      Optional<Refresh> how = credential.refresh();
      answer =
          how.isEmpty()
              ? new TokenAnswer.NotGranted("The credential has no refresh token.", true, null)
              : endpoint.refresh(credential, how.get(), Deadline.in(ASKING_MAX));
    } catch (RuntimeException | Error e) {
      giveUp(stale, holder);
      throw e;
    }
    return switch (answer) {
      case TokenAnswer.Granted(var granted) -> {
        count("granted");
        yield kept(credential, granted, holder);
      }
      case TokenAnswer.NotGranted(var sentence, var refused, var response) -> {
        count(refused ? "refused" : "failed");
        LOG.warnf(
            "credential %s of vault %s is not refreshed: %s",
            stale.credentialId(), stale.vaultId(), sentence);
        pauses.add(stale.credentialId(), stale.token(), PAUSE_AFTER_FAILURE);
        giveUp(stale, holder);
        yield new Failed(sentence, refused, response);
      }
    };
  }

  private void giveUp(AccessToken stale, String holder) {
    try {
      tokens.giveUp(stale.credentialId(), holder);
    } catch (DependencyAwayException e) {
      LOG.warnf("the lease of credential %s ends by itself: %s", stale.credentialId(), e);
    }
  }

  /// Not given up at the first failure: the old refresh token may be of no use any more.
  private Refreshed kept(OpenCredential used, GrantedTokens granted, String holder) {
    for (int tries = 1; ; tries++) {
      try {
        Optional<OpenCredential> now = tokens.keep(used, granted, holder, clock.instant());
        now.flatMap(fresh -> fresh.secret(SecretField.ACCESS_TOKEN))
            .ifPresent(token -> pauses.add(used.credential().id(), token, pause(granted)));
        return now.<Refreshed>map(fresh -> new Fresh(fresh, true)).orElseGet(Gone::new);
      } catch (DependencyAwayException e) {
        if (tries == KEEP_TRIES_MAX) {
          throw e;
        }
        LockSupport.parkNanos(KEEP_PAUSE.toNanos());
      }
    }
  }

  /// Never for longer than half of its life.
  private Duration pause(GrantedTokens granted) {
    Instant end = granted.expiresAt();
    if (end == null) {
      return PAUSE_AFTER_SUCCESS;
    }
    Duration half = Duration.between(clock.instant(), end).dividedBy(2);
    return half.compareTo(PAUSE_AFTER_SUCCESS) < 0 ? half : PAUSE_AFTER_SUCCESS;
  }

  private void count(String outcome) {
    registry.counter("steward.vault.proxy.token.refreshes", "outcome", outcome).increment();
  }

  /// Lets running refreshes end, for a moment.
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warnf("%d refreshes did not end before the service did", running.size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
