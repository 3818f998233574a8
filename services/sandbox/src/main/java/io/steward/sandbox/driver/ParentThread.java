package io.steward.sandbox.driver;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Starts processes from one thread that lives as long as the service. Linux ends a
/// `--die-with-parent` process when the *thread* that started it ends, and carrier threads of
/// virtual threads come and go.
public final class ParentThread implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("sandbox-parent").daemon().factory());

  public Process start(ProcessBuilder builder) throws IOException {
    try {
      return thread.submit(builder::start).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting a sandbox", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
