package io.steward.vaultproxy.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Asks the operating system, on platform threads of its own: its answer cannot be given up, and a
/// virtual thread would hold its carrier meanwhile.
public final class SystemResolver implements Resolver, AutoCloseable {
  private static final int THREADS_MAX = 8;
  private static final int WAITING_MAX = 100;

  private final Duration timeMax;
  private final ThreadPoolExecutor threads;

  /// @param timeMax of one answer
  public SystemResolver(Duration timeMax) {
    this.timeMax = timeMax;
    this.threads =
        new ThreadPoolExecutor(
            THREADS_MAX,
            THREADS_MAX,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("resolver-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public List<InetAddress> resolve(String name) throws UnknownHostException {
    try {
      Future<InetAddress[]> answer = threads.submit(() -> InetAddress.getAllByName(name));
      try {
        return List.of(answer.get(timeMax.toMillis(), TimeUnit.MILLISECONDS));
      } finally {
        answer.cancel(false);
      }
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      throw unknown(name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unknown(name, e);
    }
  }

  private static UnknownHostException unknown(String name, Exception cause) {
    UnknownHostException unknown = new UnknownHostException(name);
    unknown.initCause(cause);
    return unknown;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
