package io.steward.vaultproxy.transport;

import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.transport.ServerFailure.Reason;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Sends requests to addresses that were checked: HTTP/1.1, a connection of its own for each, no
/// redirect, no cookie, no compression, and no proxy, whatever the environment says. TLS names and
/// checks the host of the URL, not the address. Waits, so it is for virtual threads.
///
/// A connection is never used twice: a server that closes an idle one as a request is sent leaves
/// open whether it acted on it, and a call may not be sent again.
public final class PinnedHttp implements AutoCloseable {
  private static final Duration CONNECT_SLACK = Duration.ofSeconds(1);
  private static final String USER_AGENT = "Steward";

  private final HttpClient client;
  private final CheckedAddresses addresses;
  private final TransportLimits limits;

  /// @param connectionsMax to one address of one host
  /// @param trust whose certificates are believed; null for whom this Java trusts
  public PinnedHttp(
      Vertx vertx,
      CheckedAddresses addresses,
      TransportLimits limits,
      int connectionsMax,
      @Nullable X509TrustManager trust) {
    int connectMillis = (int) limits.connectTimeMax().toMillis();
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setUseAlpn(false)
            .setKeepAlive(false)
            .setPipelining(false)
            .setDecompressionSupported(false)
            .setTrustAll(false)
            .setVerifyHost(true)
            .setMaxHeaderSize(TransportLimits.HEADER_BYTES_MAX)
            .setMaxPoolSize(connectionsMax)
            .setMaxWaitQueueSize(connectionsMax)
            .setConnectTimeout(connectMillis)
            .setSslHandshakeTimeout(connectMillis)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setTracingPolicy(TracingPolicy.IGNORE);
    if (trust != null) {
      options.setTrustOptions(TrustOptions.wrap(trust));
    }
    this.client = vertx.createHttpClient(options);
    this.addresses = addresses;
    this.limits = limits;
  }

  /// @param headers that hold no character a header cannot carry
  @SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
  record Request(
      HttpMethod method, WebUrl url, Map<String, String> headers, byte @Nullable [] body) {}

  /// Sends a request and waits for the start of its answer, which the caller closes.
  ServerAnswer send(Request request, Exchange exchange) throws ServerFailure {
    for (InetAddress address : checked(request.url())) {
      Optional<HttpClientRequest> connected = connect(request, address, exchange);
      if (connected.isPresent()) {
        return exchanged(connected.get(), request, exchange);
      }
    }
    throw new ServerFailure(Reason.NOT_SENT, "The MCP server cannot be connected to.");
  }

  private List<InetAddress> checked(WebUrl url) throws ServerFailure {
    try {
      return addresses.of(url.host());
    } catch (UnknownHostException e) {
      throw new ServerFailure(
          Reason.NOT_SENT, "The host " + url.host().text() + " of the MCP server has no address.");
    } catch (EgressRefusal e) {
      throw new ServerFailure(Reason.NOT_SENT, e.sentence());
    }
  }

  /// Empty when there is no way to that address.
  private Optional<HttpClientRequest> connect(
      Request request, InetAddress address, Exchange exchange) throws ServerFailure {
    Duration longest = limits.connectTimeMax().plus(CONNECT_SLACK);
    Duration left = exchange.left();
    CompletableFuture<HttpClientRequest> connected =
        client.request(options(request, address)).toCompletionStage().toCompletableFuture();
    exchange.endsWith(() -> connected.cancel(false));
    try {
      long millis = (left.compareTo(longest) < 0 ? left : longest).toMillis();
      return Optional.of(connected.get(millis, TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SSLException) {
        throw new ServerFailure(
            Reason.NOT_SENT,
            "No secure connection to the MCP server can be made: its certificate is not trusted for"
                + " its name, or its TLS is out of date.");
      }
      return Optional.empty();
    } catch (TimeoutException | CancellationException e) {
      var _ = connected.whenComplete((late, _) -> reset(late));
      if (exchange.isStopped()) {
        throw ServerFailure.broken(exchange);
      }
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ServerFailure.broken(exchange);
    }
  }

  private static void reset(@Nullable HttpClientRequest request) {
    if (request != null) {
      request.reset();
    }
  }

  private static ServerAnswer exchanged(
      HttpClientRequest sending, Request request, Exchange exchange) throws ServerFailure {
    CompletableFuture<ServerAnswer> answer = new CompletableFuture<>();
    sending.exceptionHandler(answer::completeExceptionally);
    var _ =
        sending
            .response()
            .onSuccess(response -> answer.complete(new ServerAnswer(sending, response, exchange)))
            .onFailure(answer::completeExceptionally);
    exchange.endsWith(sending::reset);
    byte[] body = request.body();
    var _ =
        (body == null ? sending.end() : sending.end(Buffer.buffer(body)))
            .onFailure(answer::completeExceptionally);
    try {
      return answer.get(exchange.left().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw ServerFailure.broken(exchange);
    } catch (TimeoutException e) {
      sending.reset();
      throw ServerFailure.late(exchange);
    } catch (InterruptedException e) {
      sending.reset();
      Thread.currentThread().interrupt();
      throw ServerFailure.broken(exchange);
    }
  }

  private static RequestOptions options(Request request, InetAddress address) {
    WebUrl url = request.url();
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setSsl(url.secure())
            .setHost(url.host().text())
            .setPort(url.port())
            .setURI(url.path())
            .setServer(
                SocketAddress.inetSocketAddress(
                    new InetSocketAddress(nameless(address), url.port())))
            .putHeader("Host", url.authority())
            .putHeader("User-Agent", USER_AGENT);
    request.headers().forEach(options::putHeader);
    return options;
  }

  private static InetAddress nameless(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // Only for a wrong number of bytes.
    }
  }

  @Override
  public void close() {
    var _ = client.close();
  }
}
