package io.steward.bench.api;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An open event stream. It has no thread of its own: its lines are noted by the thread of the
/// client that read them.
public final class EventStream implements AutoCloseable {
  private static final String EVENT = "event: ";
  private static final String DATA = "data: ";
  private static final int OK = 200;

  private final CompletableFuture<HttpResponse<Void>> response;

  private EventStream(CompletableFuture<HttpResponse<Void>> response) {
    this.response = response;
  }

  /// Told of each event, one after another.
  public interface Listener {
    /// @param type the value of the `event:` line
    /// @param data the value of the `data:` line
    /// @param nanos when it had been read, by [System#nanoTime()]
    void event(String type, String data, long nanos);
  }

  static EventStream open(
      HttpClient http, HttpRequest request, Listener listener, Duration beginMax)
      throws IOException, InterruptedException {
    CompletableFuture<Integer> begun = new CompletableFuture<>();
    CompletableFuture<HttpResponse<Void>> response =
        http.sendAsync(
            request,
            head -> {
              begun.complete(head.statusCode());
              return HttpResponse.BodySubscribers.fromLineSubscriber(new Lines(listener));
            });
    EventStream stream = new EventStream(response);
    try {
      int status =
          CompletableFuture.anyOf(begun, response)
              .thenCompose(_ -> begun)
              .get(beginMax.toNanos(), TimeUnit.NANOSECONDS);
      if (status != OK) {
        throw new IOException("the stream was answered with " + status);
      }
      return stream;
    } catch (ExecutionException | TimeoutException e) {
      stream.close();
      throw new IOException("the stream did not begin", e);
    }
  }

  /// Whether the other side, or a fault, ended it.
  public boolean isOver() {
    return response.isDone();
  }

  @Override
  public void close() {
    response.cancel(true);
  }

  /// Puts frames together from lines.
  static final class Lines implements Flow.Subscriber<String> {
    private final Listener listener;
    private String type = "";

    Lines(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
      if (line.startsWith(EVENT)) {
        type = line.substring(EVENT.length());
      } else if (line.startsWith(DATA)) {
        listener.event(type, line.substring(DATA.length()), System.nanoTime());
        type = "";
      }
    }

    @Override
    public void onError(Throwable failure) {
      type = "";
    }

    @Override
    public void onComplete() {
      type = "";
    }
  }
}
