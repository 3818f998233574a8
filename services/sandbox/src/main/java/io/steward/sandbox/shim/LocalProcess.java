package io.steward.sandbox.shim;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/// A process of this machine.
public final class LocalProcess implements Connection {
  private final Process process;

  public LocalProcess(Process process) {
    this.process = process;
  }

  @Override
  public OutputStream orders() {
    return process.getOutputStream();
  }

  @Override
  public InputStream frames() {
    return process.getInputStream();
  }

  @Override
  public InputStream output() {
    return process.getErrorStream();
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public OptionalInt exitCode() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  @Override
  public boolean awaitEnd(Duration longest) {
    try {
      return process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void kill() {
    process.destroyForcibly();
  }
}
