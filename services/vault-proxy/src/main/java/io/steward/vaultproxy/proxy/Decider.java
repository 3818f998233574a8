package io.steward.vaultproxy.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.RequestHead;
import io.steward.vaultproxy.inject.Scrub;
import io.steward.vaultproxy.inject.Signing;
import io.steward.vaultproxy.message.OutgoingBody;
import io.steward.vaultproxy.message.OutgoingHeaders;
import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.GitRepository;
import io.steward.vaultproxy.policy.HostPattern;
import io.steward.vaultproxy.policy.HostSet;
import io.steward.vaultproxy.policy.NetworkPolicy;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.policy.RequestTarget;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.proxy.Decision.Forward;
import io.steward.vaultproxy.proxy.Decision.Intercept;
import io.steward.vaultproxy.proxy.Decision.Refused;
import io.steward.vaultproxy.proxy.Decision.Route;
import io.steward.vaultproxy.proxy.Decision.Tunnel;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Decides what becomes of requests. It waits, for names and for secrets, so it is for virtual
/// threads. The addresses it returns are those that were checked; nobody resolves the name again.
final class Decider {
  private static final Logger LOG = Logger.getLogger(Decider.class);

  private final NetworkPolicy policy;
  private final CheckedAddresses addresses;
  private final SessionSecrets secrets;
  private final @Nullable RepositoryTokens tokens;
  private final boolean overPlainHttp;
  private final HostTls tls;

  /// @param tokens null when there is none
  /// @param overPlainHttp whether secrets may be sent without TLS
  Decider(
      NetworkPolicy policy,
      CheckedAddresses addresses,
      SessionSecrets secrets,
      @Nullable RepositoryTokens tokens,
      boolean overPlainHttp,
      HostTls tls) {
    this.policy = policy;
    this.addresses = addresses;
    this.secrets = secrets;
    this.tokens = tokens;
    this.overPlainHttp = overPlainHttp;
    this.tls = tls;
  }

  /// What a decision may meet, as one.
  private interface Attempt {
    Decision decide() throws EgressRefusal, AddressRefusedException, UnknownHostException;
  }

  /// A `CONNECT` to `authority`.
  Decision connect(SandboxIdentity sandbox, String authority) {
    return attempt(() -> {
      Endpoint endpoint = RequestTarget.authority(authority);
      Optional<Refusal> refusal = policy.refusal(sandbox, endpoint);
      if (refusal.isPresent()) {
        return new Refused(403, refusal.get());
      }
      List<InetAddress> checked = checked(endpoint);
      boolean unseen =
          repositories(sandbox, endpoint).isEmpty()
              && injections(sandbox, endpoint, true).isEmpty();
      return unseen
          ? new Tunnel(new Route(endpoint, true, checked))
          : new Intercept(endpoint, tls.of(endpoint.host()));
    });
  }

  /// A request for a whole URL.
  Decision plain(SandboxIdentity sandbox, HttpRequest request) {
    if (request.uri().startsWith("/") || request.uri().equals("*")) {
      return Refused.because(
          400, Reason.MALFORMED, "This is a proxy: a request must name the whole URL.");
    }
    return attempt(() -> {
      RequestTarget target = RequestTarget.absolute(request.uri());
      return forward(sandbox, target.endpoint(), false, target.path(), request);
    });
  }

  /// A request inside the intercepted tunnel to `endpoint`.
  Decision inside(SandboxIdentity sandbox, Endpoint endpoint, HttpRequest request) {
    return attempt(() -> {
      String host = request.headers().get(HttpHeaderNames.HOST);
      if (host == null || !RequestTarget.isPath(request.uri())) {
        return Refused.because(
            400, Reason.MALFORMED, "A request in a tunnel names a path and a host.");
      }
      if (!RequestTarget.host(host).host().equals(endpoint.host())) {
        return Refused.because(
            421,
            Reason.MISDIRECTED,
            "This connection was opened for " + endpoint.host().text() + " and for no other host.");
      }
      return forward(sandbox, endpoint, true, request.uri(), request);
    });
  }

  private Decision forward(
      SandboxIdentity sandbox, Endpoint endpoint, boolean secure, String path, HttpRequest request)
      throws AddressRefusedException, UnknownHostException {
    Optional<Refusal> refusal = policy.refusal(sandbox, endpoint);
    if (refusal.isPresent()) {
      return new Refused(403, refusal.get());
    }
    Route route = new Route(endpoint, secure, checked(endpoint));
    List<Injection> injections = new ArrayList<>(injections(sandbox, endpoint, secure));
    RequestHead in = new RequestHead(request.method().name(), path, request.headers().entries());
    Optional<Injection> login = secure ? login(sandbox, endpoint, in) : Optional.empty();
    login.ifPresent(injections::add);
    return switch (Signing.plan(in, injections)) {
      case Signing.Unfit unfit -> Refused.because(403, Reason.SECRET, unfit.sentence());
      case Signing.Planned(var signings) when isTooLong(request, signings) -> tooLong();
      case Signing.Planned(var signings) -> forward(route, path, request, injections, signings);
    };
  }

  private static Decision forward(
      Route route,
      String path,
      HttpRequest request,
      List<Injection> injections,
      List<Signing> signings) {
    return switch (OutgoingHeaders.of(
        request.headers(), route.endpoint(), route.secure(), injections)) {
      case OutgoingHeaders.Unfit unfit -> Refused.because(403, Reason.SECRET, unfit.sentence());
      case OutgoingHeaders.Headers out ->
          new Forward(
              route,
              path,
              out.headers(),
              injections,
              out.credentialIds(),
              signings,
              new Scrub(injections, out.echoes()));
    };
  }

  private static boolean isTooLong(HttpRequest request, List<Signing> signings) {
    return OutgoingBody.length(request) > Signing.BODY_BYTES_MAX
        && signings.stream().anyMatch(Signing::needsBody);
  }

  /// The body is longer than one that can be signed.
  static Refused tooLong() {
    return Refused.because(
        413,
        Reason.SECRET,
        "The body of a request that the proxy signs has at most "
            + Signing.BODY_BYTES_MAX
            + " bytes; with AWS, one whose hash stands in x-amz-content-sha256 may be longer.");
  }

  /// The repositories with a token at that endpoint.
  private List<GitRepository> repositories(SandboxIdentity sandbox, Endpoint endpoint) {
    if (tokens == null) {
      return List.of();
    }
    return sandbox.repositories().stream()
        .flatMap(repository -> GitRepository.of(repository).stream())
        .filter(repository -> repository.endpoint().equals(endpoint))
        .toList();
  }

  /// The token of the repository git asks for, unless the request brings its own.
  private Optional<Injection> login(SandboxIdentity sandbox, Endpoint endpoint, RequestHead in) {
    RepositoryTokens known = tokens;
    if (known == null || !in.values(HttpHeaderNames.AUTHORIZATION.toString()).isEmpty()) {
      return Optional.empty();
    }
    for (GitRepository repository : repositories(sandbox, endpoint)) {
      if (repository.asks(in.method(), in.target())) {
        Optional<byte[]> token = known.find(sandbox.sessionId(), repository);
        if (token.isPresent()) {
          requireRecordable();
          return Optional.of(
              new Injection(
                  null,
                  repository.secretId(),
                  new HostSet.Listed(List.of(new HostPattern.Exact(endpoint.host()))),
                  new Injection.GitLogin(token.get())));
        }
      }
    }
    return Optional.empty();
  }

  /// The secrets that may be sent there.
  private List<Injection> injections(SandboxIdentity sandbox, Endpoint endpoint, boolean secure) {
    if (!policy.usual(endpoint.port()) || !secure && !overPlainHttp) {
      return List.of();
    }
    List<Injection> found =
        secrets.of(sandbox).stream()
            .filter(injection -> injection.covers(endpoint.host()))
            .toList();
    if (!found.isEmpty()) {
      requireRecordable();
    }
    return found;
  }

  private void requireRecordable() {
    if (!secrets.mayUse()) {
      throw new IllegalStateException("uses of credentials cannot be recorded");
    }
  }

  private List<InetAddress> checked(Endpoint endpoint)
      throws UnknownHostException, AddressRefusedException {
    try {
      return addresses.of(endpoint.host());
    } catch (EgressRefusal e) {
      throw new AddressRefusedException(e.sentence());
    }
  }

  /// The name is allowed, and what it stands for is not.
  private static final class AddressRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    AddressRefusedException(String sentence) {
      super(sentence, null, false, false);
    }
  }

  private static Decision attempt(Attempt attempt) {
    try {
      return attempt.decide();
    } catch (EgressRefusal e) {
      return Refused.because(403, Reason.HOST, e.sentence());
    } catch (AddressRefusedException e) {
      return Refused.because(403, Reason.ADDRESS, String.valueOf(e.getMessage()));
    } catch (UnknownHostException e) {
      return Refused.because(
          502, Reason.UPSTREAM, "The host has no address, or its name server does not answer.");
    } catch (RuntimeException e) {
      LOG.warnf("a request could not be decided: %s", e.toString());
      return Refused.because(
          503, Reason.UPSTREAM, "The proxy cannot read its rules now; try again later.");
    }
  }
}
