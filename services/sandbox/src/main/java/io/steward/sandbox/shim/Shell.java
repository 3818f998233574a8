package io.steward.sandbox.shim;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One shell of a sandbox, seen from outside. Output between commands, of background jobs, is
/// dropped: it belongs to no call.
final class Shell {
  private final String token;
  private final ShellOutput output;
  private final CompletableFuture<Integer> death = new CompletableFuture<>();
  private @Nullable Current current;

  private boolean begun;

  private record Current(String call, OutputSink sink, CompletableFuture<ShellEnd> end) {}

  Shell(String token) {
    this.token = token;
    this.output = new ShellOutput(token, new Router());
  }

  String token() {
    return token;
  }

  ShellOutput output() {
    return output;
  }

  boolean isAlive() {
    return !death.isDone();
  }

  /// From now on output goes to `sink`, until [#finish()].
  synchronized CompletableFuture<ShellEnd> begin(String call, OutputSink sink) {
    begun = true;
    return expect(call, sink);
  }

  /// From the mark of the begin of `call` on output goes to `sink`, until [#finish()].
  synchronized CompletableFuture<ShellEnd> awaitBegin(String call, OutputSink sink) {
    begun = false;
    return expect(call, sink);
  }

  private CompletableFuture<ShellEnd> expect(String call, OutputSink sink) {
    CompletableFuture<ShellEnd> end = new CompletableFuture<>();
    current = new Current(call, sink, end);
    if (death.isDone()) {
      end.complete(new ShellEnd.ShellDied(death.join()));
    }
    return end;
  }

  synchronized void finish() {
    current = null;
  }

  boolean awaitDeath(Duration grace) {
    try {
      death.get(grace.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private final class Router implements ShellOutput.Listener {
    @Override
    public void write(byte[] bytes, int offset, int length) {
      synchronized (Shell.this) {
        if (current != null && begun) {
          current.sink().write(bytes, offset, length);
        }
      }
    }

    @Override
    public void began(String call) {
      synchronized (Shell.this) {
        begun |= current != null && current.call().equals(call);
      }
    }

    @Override
    public void ended(String call, int code) {
      synchronized (Shell.this) {
        if (current != null && current.call().equals(call)) {
          current.end().complete(new ShellEnd.Exited(code));
        }
      }
    }

    @Override
    public void died(int code) {
      death.complete(code);
      synchronized (Shell.this) {
        if (current != null) {
          current.end().complete(new ShellEnd.ShellDied(code));
        }
      }
    }
  }
}
