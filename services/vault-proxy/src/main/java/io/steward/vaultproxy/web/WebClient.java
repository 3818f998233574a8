package io.steward.vaultproxy.web;

import io.steward.vaultproxy.egress.WebUrl;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Sends one request to one address: HTTP/1.1, a connection of its own, no redirect, no cookie, no
/// credential, no compression, and no proxy, whatever the environment says. TLS names and checks
/// the host of the URL, not the address. Waits, so it is for virtual threads.
final class WebClient implements AutoCloseable {
  private static final String USER_AGENT = "Steward";
  private static final String ACCEPT = "text/html, text/*;q=0.9, application/pdf;q=0.9, */*;q=0.5";

  private final HttpClient client;
  private final WebLimits limits;

  /// @param trust whose certificates are believed; null for whom this Java trusts
  WebClient(Vertx vertx, WebLimits limits, @Nullable X509TrustManager trust) {
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
            .setMaxHeaderSize(WebLimits.HEADER_BYTES_MAX)
            .setMaxPoolSize(WebLimits.CONNECTIONS_MAX)
            .setMaxWaitQueueSize(WebLimits.CONNECTIONS_MAX)
            .setConnectTimeout(connectMillis)
            .setSslHandshakeTimeout(connectMillis)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setTracingPolicy(TracingPolicy.IGNORE);
    if (trust != null) {
      options.setTrustOptions(TrustOptions.wrap(trust));
    }
    this.client = vertx.createHttpClient(options);
    this.limits = limits;
  }

  /// Gets `url` from `address`, whatever the name in `url` stands for by now.
  Answer get(WebUrl url, InetAddress address, Duration timeMax) {
    Exchange exchange = new Exchange(limits.bodyBytesMax());
    var _ =
        client
            .request(options(url, address))
            .onSuccess(exchange::send)
            .onFailure(exchange::unreachable);
    return exchange.await(timeMax, limits.timeMax());
  }

  private static RequestOptions options(WebUrl url, InetAddress address) {
    return new RequestOptions()
        .setMethod(HttpMethod.GET)
        .setSsl(url.secure())
        .setHost(url.host().text())
        .setPort(url.port())
        .setURI(url.path())
        .setServer(
            SocketAddress.inetSocketAddress(new InetSocketAddress(nameless(address), url.port())))
        .putHeader("Host", url.authority())
        .putHeader("User-Agent", USER_AGENT)
        .putHeader("Accept", ACCEPT);
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
    private final int bodyBytesMax;

    Exchange(int bodyBytesMax) {
      this.bodyBytesMax = bodyBytesMax;
    }

    void send(HttpClientRequest request) {
      sent.set(request);
      if (answer.isDone()) {
        request.reset();
        return;
      }
      request.exceptionHandler(this::broken);
      var _ = request.response().onSuccess(this::receive).onFailure(this::broken);
      var _ = request.end().onFailure(this::broken);
    }

    void unreachable(Throwable cause) {
      answer.complete(
          cause instanceof SSLException
              ? new Answer.Broken(
                  "No secure connection to the host can be made: its certificate is not trusted for its name,"
                      + " or its TLS is out of date.")
              : new Answer.Unreachable("The host cannot be connected to."));
    }

    private void receive(HttpClientResponse response) {
      Answer.Head head =
          new Answer.Head(
              response.statusCode(),
              header(response, "Location"),
              MediaType.parse(header(response, "Content-Type")),
              header(response, "Content-Encoding"));
      if (!head.bodyOfUse()) {
        end(new Answer.Page(head, Answer.Body.NONE));
        return;
      }
      response.exceptionHandler(this::broken);
      response.handler(this::more);
      response.endHandler(
          _ -> answer.complete(new Answer.Page(head, new Answer.Body(body.getBytes()))));
    }

    private void more(Buffer part) {
      if (answer.isDone()) {
        return;
      }
      if (body.length() + (long) part.length() > bodyBytesMax) {
        end(new Answer.Broken("The page is larger than the limit of " + bodyBytesMax + " bytes."));
        return;
      }
      body.appendBuffer(part);
    }

    private void broken(Throwable cause) {
      answer.complete(new Answer.Broken("The host did not send a complete answer."));
    }

    private void end(Answer how) {
      answer.complete(how);
      HttpClientRequest request = sent.get();
      if (request != null) {
        request.reset();
      }
    }

    Answer await(Duration timeMax, Duration whole) {
      Answer late =
          new Answer.Broken(
              "Fetching the page took longer than the limit of " + whole.toSeconds() + " seconds.");
      try {
        return answer.get(timeMax.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        end(late);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        end(new Answer.Broken("Fetching the page was interrupted."));
      } catch (ExecutionException e) {
        throw new IllegalStateException(e); // Nothing ends it like this.
      }
      return answer.getNow(late);
    }

    private static String header(HttpClientResponse response, String name) {
      String value = response.getHeader(name);
      return value == null ? "" : value.strip();
    }
  }
}
