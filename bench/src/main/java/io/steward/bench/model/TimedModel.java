package io.steward.bench.model;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// `POST /v1/messages`, streamed, by the [Cue] of the newest message. It shares process and clock
/// with the clients. Nothing is checked here: results of tools are where the turn's events are
/// read.
public final class TimedModel implements AutoCloseable {
  /// The model of the bench's agents; one that the shipped catalog knows.
  public static final String MODEL = "claude-opus-5-5";

  /// What Steward is told as the key.
  public static final String KEY = "bench-model-key";

  /// What a call of `bash` prints when it runs. It does not stand in the command, so that no error
  /// that repeats the command looks like it.
  public static final String PRINTED = "bench-42";

  private static final int BACKLOG = 4096;

  private final HttpServer server;
  private final ExecutorService threads;
  private final Map<String, Exchange> watched = new ConcurrentHashMap<>();
  private final AtomicLong replies = new AtomicLong();

  private TimedModel(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /// Starts it on a free port of 127.0.0.1.
  public static TimedModel start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    TimedModel model = new TimedModel(server, threads);
    server.setExecutor(threads);
    server.createContext("/v1/messages", model::answer);
    server.start();
    return model;
  }

  /// Without `/v1`.
  public String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// From now on what happens in the turn of this cue is noted.
  public Exchange watch(Cue cue) {
    Exchange exchange = new Exchange(cue.chunks());
    watched.put(cue.key(), exchange);
    return exchange;
  }

  /// Forgets what was noted of a turn.
  public void forget(Cue cue) {
    watched.remove(cue.key());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange http) throws IOException {
    try (http) {
      byte[] raw = http.getRequestBody().readAllBytes();
      long receivedNanos = System.nanoTime();
      String body = new String(raw, StandardCharsets.ISO_8859_1);
      Optional<Cue.Found> found = Cue.last(body);
      if (found.isEmpty()) {
        http.sendResponseHeaders(400, -1);
        return;
      }
      Cue cue = found.get().cue();
      Exchange exchange = watched.getOrDefault(cue.key(), new Exchange(0));
      exchange.request(receivedNanos);
      LockSupport.parkNanos(cue.delayMillis() * 1_000_000L);
      http.getResponseHeaders().set("content-type", "text/event-stream");
      http.sendResponseHeaders(200, 0);
      OutputStream out = http.getResponseBody();
      String id = "01bench" + "%017d".formatted(replies.incrementAndGet());
      ReplyWriter writer = new ReplyWriter(out, exchange, id);
      if (resultsAfter(body, found.get().end()) < cue.tools()) {
        writer.toolUse(MODEL);
      } else {
        writer.text(cue, MODEL);
      }
      out.close();
    }
  }

  /// How many tool results stand behind the newest message.
  private static int resultsAfter(String body, int from) {
    int count = 0;
    for (int at = body.indexOf("\"tool_result\"", from);
        at >= 0;
        at = body.indexOf("\"tool_result\"", at + 1)) {
      count++;
    }
    return count;
  }
}
