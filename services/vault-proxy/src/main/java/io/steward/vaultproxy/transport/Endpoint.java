package io.steward.vaultproxy.transport;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.audit.CredentialUser.Used;
import io.steward.vaultproxy.audit.Destination;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.transport.ServerFailure.Reason;
import io.steward.vaultproxy.vault.AccessToken;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One MCP server, and the token that counts for it: looked up for each request, sent to the origin
/// of its URL only, and tried once more when it is refused and there is another one by then.
final class Endpoint {
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  private final PinnedHttp http;
  private final WebUrl url;
  private final ServerTokens tokens;
  private final Hidden hidden;
  private final NotedUses own = new NotedUses();

  Endpoint(PinnedHttp http, WebUrl url, ServerTokens tokens, Hidden hidden) {
    this.http = http;
    this.url = url;
    this.tokens = tokens;
    this.hidden = hidden;
  }

  WebUrl url() {
    return url;
  }

  /// An exchange for what the connection does of its own, and for no call.
  Exchange ownExchange(Duration timeMax) {
    return new Exchange(timeMax, new Semaphore(0), own);
  }

  /// Where `location` leads from the server's URL.
  ///
  /// @throws ServerFailure when that is another origin, or nowhere one may go
  WebUrl onSameOrigin(WebUrl from, String location) throws ServerFailure {
    WebUrl target;
    try {
      target = from.redirected(location);
    } catch (EgressRefusal e) {
      throw new ServerFailure(Reason.REFUSED, e.sentence());
    }
    if (target.secure() != url.secure()
        || target.port() != url.port()
        || !target.host().equals(url.host())) {
      throw new ServerFailure(
          Reason.REFUSED, "The MCP server points to another origin, and that is not followed.");
    }
    return target;
  }

  /// Sends a request with the token there is.
  ///
  /// @param target on the origin of this server
  /// @return an answer that neither refuses access nor redirects; the caller closes it
  ServerAnswer send(
      HttpMethod method,
      WebUrl target,
      Map<String, String> headers,
      byte @Nullable [] body,
      Exchange exchange)
      throws ServerFailure {
    Optional<AccessToken> token =
        persistently(() -> tokens.source().find(tokens.vaultIds(), tokens.serverUrl()), exchange);
    if (token.isPresent()) {
      requireRoom(exchange);
    }
    PinnedHttp.Request plain = new PinnedHttp.Request(method, target, headers, body);
    ServerAnswer first = followed(authorized(plain, token), token, exchange);
    if (first.status() != UNAUTHORIZED || token.isEmpty()) {
      return admitted(first, token.isPresent());
    }
    first.close();
    AccessToken refused = token.get();
    Optional<AccessToken> fresh =
        persistently(() -> tokens.source().afterRefusal(refused), exchange);
    if (fresh.isEmpty()) {
      throw unauthorized(UNAUTHORIZED, true);
    }
    return admitted(followed(authorized(plain, fresh), fresh, exchange), true);
  }

  private static ServerAnswer admitted(ServerAnswer answer, boolean hadToken) throws ServerFailure {
    if (answer.status() == UNAUTHORIZED || answer.status() == FORBIDDEN) {
      answer.close();
      throw unauthorized(answer.status(), hadToken);
    }
    return answer;
  }

  private static ServerFailure unauthorized(int status, boolean hadToken) {
    String why =
        hadToken
            ? "The MCP server does not accept the credential of the session's vaults"
            : "The MCP server wants a credential, and no vault of the session has one for it";
    return new ServerFailure(Reason.AUTHENTICATION, why + " (status " + status + ").", status);
  }

  private PinnedHttp.Request authorized(PinnedHttp.Request plain, Optional<AccessToken> token)
      throws ServerFailure {
    if (token.isEmpty()) {
      return plain;
    }
    String text = token.get().token().text();
    if (text.isEmpty() || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new ServerFailure(
          Reason.AUTHENTICATION,
          "The credential for the MCP server holds a character that no header can carry.");
    }
    hidden.remember(token.get().token());
    Map<String, String> headers = new HashMap<>(plain.headers());
    headers.put("Authorization", "Bearer " + text);
    return new PinnedHttp.Request(plain.method(), plain.url(), headers, plain.body());
  }

  /// The answer after redirects, which repeat the request as it is.
  private ServerAnswer followed(
      PinnedHttp.Request request, Optional<AccessToken> token, Exchange exchange)
      throws ServerFailure {
    PinnedHttp.Request next = request;
    for (int redirects = 0; redirects <= TransportLimits.REDIRECTS_MAX; redirects++) {
      ServerAnswer answer = sent(next, token, exchange);
      if (answer.status() / 100 != 3) {
        return answer;
      }
      try (answer) {
        String location = answer.header("Location");
        if (answer.status() != 307 && answer.status() != 308 || location.isEmpty()) {
          throw ServerFailure.refused(answer.status());
        }
        WebUrl target = onSameOrigin(next.url(), location);
        next = new PinnedHttp.Request(next.method(), target, next.headers(), next.body());
      }
    }
    throw new ServerFailure(
        Reason.REFUSED,
        "The MCP server redirects more than " + TransportLimits.REDIRECTS_MAX + " times.");
  }

  private ServerAnswer sent(
      PinnedHttp.Request request, Optional<AccessToken> token, Exchange exchange)
      throws ServerFailure {
    try {
      ServerAnswer answer = http.send(request, exchange);
      token.ifPresent(used -> note(used, request.url(), answer.status(), exchange));
      return answer;
    } catch (ServerFailure e) {
      if (e.reason() != Reason.NOT_SENT) {
        token.ifPresent(used -> note(used, request.url(), null, exchange));
      }
      throw e;
    }
  }

  private void note(AccessToken token, WebUrl target, @Nullable Integer status, Exchange exchange) {
    Outcome outcome = Outcome.of(status);
    if (exchange.noted().isNew(token.credentialId(), outcome)) {
      tokens
          .user()
          .record(
              new Used(token.vaultId(), token.credentialId()),
              Destination.of(target),
              outcome,
              status);
    }
  }

  /// Waits until uses can be recorded, as long as there is time.
  private void requireRoom(Exchange exchange) throws ServerFailure {
    while (!tokens.user().mayUse()) {
      if (exchange.isStopped() || exchange.left().isZero()) {
        throw new ServerFailure(Reason.NOT_SENT, Audit.NO_ROOM);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /// What the database says, as long as there is time.
  private static <T> T persistently(Supplier<T> question, Exchange exchange) throws ServerFailure {
    while (true) {
      try {
        return question.get();
      } catch (ApiException e) { // There is no key to open credentials with.
        throw ServerFailure.notSent(e.error().message());
      } catch (DependencyAwayException e) {
        if (exchange.isStopped() || exchange.left().isZero()) {
          throw new ServerFailure(
              Reason.NOT_SENT, "The vaults of the session cannot be read at the moment.");
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }
}
