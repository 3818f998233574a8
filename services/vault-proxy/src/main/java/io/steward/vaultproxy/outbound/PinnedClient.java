package io.steward.vaultproxy.outbound;

import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.outbound.Answer.Failure;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
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
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Sends requests, each over a connection of its own to an address that was checked, whatever the
/// name of the host stands for by then: HTTP/1.1, no redirect, no cookie, no compression, and no
/// proxy, whatever the environment says. TLS names and checks the host of the URL, not the address.
/// Waits, so it is for virtual threads; any number of them may use one instance.
public final class PinnedClient implements AutoCloseable {
  /// Bytes of all headers of one response.
  public static final int HEADER_BYTES_MAX = 32 * 1024;

  /// Connections to one address of one host that are open at once, and requests that wait for one.
  public static final int CONNECTIONS_MAX = 16;

  private static final String USER_AGENT = "Steward";

  private final HttpClient client;
  private final CheckedAddresses addresses;

  /// @param connectTimeMax until a connection to one address stands
  /// @param trust whose certificates are believed; null for whom this Java trusts
  public PinnedClient(
      Vertx vertx,
      CheckedAddresses addresses,
      Duration connectTimeMax,
      @Nullable X509TrustManager trust) {
    int connectMillis = (int) connectTimeMax.toMillis();
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setUseAlpn(false)
            .setKeepAlive(false)
            .setPipelining(false)
            .setDecompressionSupported(false)
            .setTrustAll(false)
            .setVerifyHost(true)
            .setMaxHeaderSize(HEADER_BYTES_MAX)
            .setMaxPoolSize(CONNECTIONS_MAX)
            .setMaxWaitQueueSize(CONNECTIONS_MAX)
            .setConnectTimeout(connectMillis)
            .setSslHandshakeTimeout(connectMillis)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setTracingPolicy(TracingPolicy.IGNORE);
    if (trust != null) {
      options.setTrustOptions(TrustOptions.wrap(trust));
    }
    this.client = vertx.createHttpClient(options);
    this.addresses = addresses;
  }

  /// Sends to the first address of the host that can be connected to.
  ///
  /// @param deadline after which nothing is waited for any more, but for the resolver
  /// @throws EgressRefusal when the host has no address one may connect to
  public Answer send(PinnedRequest request, Deadline deadline) throws EgressRefusal {
    Answer last = new Answer.Failed(Failure.UNREACHABLE);
    try {
      for (InetAddress address : addresses.of(request.url().host())) {
        last = send(request, address, deadline);
        if (!last.equals(new Answer.Failed(Failure.UNREACHABLE))) {
          return last;
        }
      }
      return last;
    } catch (UnknownHostException e) {
      return new Answer.Failed(Failure.NO_ADDRESS);
    }
  }

  private Answer send(PinnedRequest request, InetAddress address, Deadline deadline) {
    Exchange exchange = new Exchange(request);
    var _ =
        client
            .request(options(request, address))
            .onSuccess(exchange::send)
            .onFailure(exchange::unreachable);
    return exchange.await(deadline.left());
  }

  private static RequestOptions options(PinnedRequest request, InetAddress address) {
    WebUrl url = request.url();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(request.method().name()))
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

  /// One request and what comes of it. Its methods are called by the event loop, but for `await`.
  private static final class Exchange {
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
    private final Buffer body = Buffer.buffer();
    private final PinnedRequest asked;

    Exchange(PinnedRequest asked) {
      this.asked = asked;
    }

    void send(HttpClientRequest request) {
      sent.set(request);
      if (answer.isDone()) {
        request.reset();
        return;
      }
      request.exceptionHandler(this::broken);
      var _ = request.response().onSuccess(this::receive).onFailure(this::broken);
      var _ =
          (asked.body().isEmpty() ? request.end() : request.end(Buffer.buffer(asked.body())))
              .onFailure(this::broken);
    }

    void unreachable(Throwable cause) {
      answer.complete(
          new Answer.Failed(
              cause instanceof SSLException ? Failure.INSECURE : Failure.UNREACHABLE));
    }

    private void receive(HttpClientResponse response) {
      Answer.Head head = head(response);
      Optional<Appetite> appetite = asked.reading().apply(head);
      if (appetite.isEmpty()) {
        end(new Answer.Response(head, Answer.Body.NONE));
        return;
      }
      response.exceptionHandler(this::broken);
      response.handler(part -> more(head, appetite.get(), part));
      response.endHandler(_ -> answer.complete(response(head, true)));
    }

    private static Answer.Head head(HttpClientResponse response) {
      Map<String, String> headers = new HashMap<>();
      response
          .headers()
          .forEach((name, value) -> headers.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
      return new Answer.Head(response.statusCode(), headers);
    }

    private void more(Answer.Head head, Appetite appetite, Buffer part) {
      if (answer.isDone()) {
        return;
      }
      int room = asked.bodyBytesMax() - body.length();
      if (part.length() > room) {
        body.appendBuffer(part, 0, room);
        end(response(head, false));
        return;
      }
      body.appendBuffer(part);
      if (appetite.satisfied(part.getBytes())) {
        end(response(head, true));
      }
    }

    private Answer response(Answer.Head head, boolean whole) {
      return new Answer.Response(head, new Answer.Body(body.getBytes(), whole));
    }

    private void broken(Throwable cause) {
      answer.complete(new Answer.Failed(Failure.BROKEN));
    }

    private void end(Answer how) {
      answer.complete(how);
      HttpClientRequest request = sent.get();
      if (request != null) {
        request.reset();
      }
    }

    Answer await(Duration timeMax) {
      Answer late = new Answer.Failed(Failure.LATE);
      try {
        return answer.get(timeMax.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        end(late);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        end(new Answer.Failed(Failure.INTERRUPTED));
      } catch (ExecutionException e) {
        throw new IllegalStateException(e); // Nothing ends it like this.
      }
      return answer.getNow(late);
    }
  }
}
