package io.steward.sandbox.shim;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One sandbox while it lives: a process whose standard streams lead to the shim inside.
///
/// Commands of the shell come one at a time, which the caller sees to; file tools may run beside
/// them and each other. Once it ended, everything answers that it is lost, and nothing revives it.
public final class Sandbox implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Sandbox.class);
  private static final RandomGenerator TOKENS = new SecureRandom();
  private static final long END_SECONDS_MAX = 2;

  /// What the shim says once it takes orders.
  private static final String READY = "ready";

  /// What is kept of what a sandbox says before it is ready, in bytes.
  private static final int START_OUTPUT_BYTES_MAX = 1000;

  private final String incarnation;
  private final Process process;
  private final CallInputs inputs;
  private final Traits traits;
  private final OutputStream orders;
  private final Map<String, HelperCall> helpers = new ConcurrentHashMap<>();
  private final AtomicLong calls = new AtomicLong();
  private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Boolean> started = new CompletableFuture<>();
  private final ByteArrayOutputStream startOutput = new ByteArrayOutputStream();
  private final CountDownLatch streams = new CountDownLatch(2);
  private final Object ending = new Object();
  private volatile boolean ended;
  private volatile String endReason = "";
  private volatile @Nullable Shell shell;

  /// @param isolated whether killing the process kills everything inside
  /// @param stopGrace how long a stopped shell may take to end
  /// @param toolOutputs where output of commands is kept
  /// @param afterEnd runs once nothing of the sandbox is left; frees what the driver took
  public record Traits(
      boolean isolated, Duration stopGrace, OutputDirectory toolOutputs, Runnable afterEnd) {}

  /// A directory only the service writes, and what it is called inside.
  public record OutputDirectory(Path host, String inside) {}

  public Sandbox(String incarnation, Process process, Path control, Traits traits) {
    this.incarnation = incarnation;
    this.process = process;
    this.inputs = new CallInputs(control.resolve("calls"));
    this.traits = traits;
    this.orders = process.getOutputStream();
    SandboxStreams.readOutput(
        incarnation, process.getErrorStream(), this::onOutput, this::onStreamEnd);
    SandboxStreams.readFrames(
        incarnation, process.getInputStream(), this::onFrame, this::onStreamEnd);
  }

  /// Waits until the sandbox takes orders: what fails before ran nothing. One that does not is
  /// ended.
  ///
  /// @throws IOException with what it said when it ended, or when it is not ready after `longest`
  public void awaitStart(Duration longest) throws IOException {
    Runnable lost = () -> started.complete(false);
    await(lost);
    boolean ready = await(started, longest, () -> false, _ -> false);
    waiting.remove(lost);
    if (ready) {
      return;
    }
    boolean late = end("it did not start");
    throw new IOException(
        "a sandbox %s: %s"
            .formatted(
                late ? "was not ready within " + longest : "ended with code " + exitCode(),
                startOutput()));
  }

  private String exitCode() {
    return process.isAlive() ? "unknown" : Integer.toString(process.exitValue());
  }

  private String startOutput() {
    try {
      boolean _ = streams.await(END_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (startOutput) {
      String said = startOutput.toString(StandardCharsets.UTF_8).strip();
      return said.isEmpty() ? "it said nothing" : said;
    }
  }

  /// Names this sandbox among all there ever are.
  public String incarnation() {
    return incarnation;
  }

  /// Where the service keeps output that is too long for a result.
  public OutputDirectory toolOutputs() {
    return traits.toolOutputs();
  }

  public boolean isAlive() {
    return !ended;
  }

  /// Runs a command in the shell, which keeps directory, variables and background jobs. A shell is
  /// started when there is none.
  ///
  /// @param sink hears the output of the command; nothing after this method returned
  public ShellEnd run(
      String command, OutputSink sink, Duration timeout, Cancellation cancellation) {
    try {
      return runIn(shell(), command, sink, timeout, cancellation);
    } catch (IOException e) {
      end("its connection broke");
      return new ShellEnd.SandboxLost(endReason);
    }
  }

  private ShellEnd runIn(
      Shell current, String command, OutputSink sink, Duration timeout, Cancellation cancellation)
      throws IOException {
    String call = nextCall();
    inputs.put(call, Map.of("command", command.getBytes(StandardCharsets.UTF_8)));
    CompletableFuture<ShellEnd> end = current.begin(call, sink);
    Runnable lost = () -> end.complete(new ShellEnd.SandboxLost(endReason));
    try {
      await(lost);
      order("run " + current.token() + " " + call);
      cancellation.onCancel(() -> end.complete(new ShellEnd.Canceled()));
      ShellEnd result =
          seen(await(end, timeout, ShellEnd.TimedOut::new, ShellEnd.SandboxLost::new));
      if (!(result instanceof ShellEnd.Exited)) {
        restartShell();
      }
      return result;
    } finally {
      current.finish();
      waiting.remove(lost);
      inputs.remove(call);
    }
  }

  /// A shell that died because its sandbox is being ended was lost with it, though it may be heard
  /// of first.
  private ShellEnd seen(ShellEnd end) {
    if (!(end instanceof ShellEnd.ShellDied)) {
      return end;
    }
    synchronized (ending) {
      return ended ? new ShellEnd.SandboxLost(endReason) : end;
    }
  }

  /// Ends the shell and everything it started. The next command gets a new one.
  public void restartShell() {
    Shell old = shell;
    if (old == null || !isAlive()) {
      return;
    }
    try {
      order("stop " + old.token());
      if (!old.awaitDeath(traits.stopGrace())) {
        end("its processes could not be stopped otherwise");
      }
    } catch (IOException e) {
      end("its connection broke");
    }
    shell = null;
  }

  /// Runs the file tool `name` of the script `tools`.
  ///
  /// @param arguments file name to content; the tool reads them
  public HelperEnd help(
      String name, Map<String, byte[]> arguments, Duration timeout, Cancellation cancellation) {
    String call = nextCall();
    HelperCall helper = new HelperCall();
    helpers.put(call, helper);
    CompletableFuture<HelperEnd> end = helper.end();
    Runnable lost = () -> end.complete(new HelperEnd.SandboxLost(endReason));
    try {
      await(lost);
      inputs.put(call, arguments);
      order("tool " + call + " " + name);
      cancellation.onCancel(() -> end.complete(new HelperEnd.Canceled()));
      HelperEnd result = await(end, timeout, HelperEnd.TimedOut::new, HelperEnd.SandboxLost::new);
      if (!(result instanceof HelperEnd.Answered)) {
        order("end " + call);
      }
      return result;
    } catch (IOException e) {
      end("its connection broke");
      return new HelperEnd.SandboxLost(endReason);
    } finally {
      helpers.remove(call);
      waiting.remove(lost);
      inputs.remove(call);
    }
  }

  private synchronized Shell shell() throws IOException {
    Shell current = shell;
    if (current != null && current.isAlive()) {
      return current;
    }
    Shell fresh =
        new Shell(Long.toHexString(TOKENS.nextLong()) + Long.toHexString(TOKENS.nextLong()));
    shell = fresh;
    order("shell " + fresh.token());
    return fresh;
  }

  /// Runs `lost` when the sandbox ends, at once when it already did.
  private void await(Runnable lost) {
    waiting.add(lost);
    if (ended) {
      lost.run();
    }
  }

  private String nextCall() {
    return Long.toString(calls.incrementAndGet());
  }

  private static <T> T await(
      CompletableFuture<T> end, Duration timeout, Supplier<T> timedOut, Function<String, T> lost) {
    try {
      return end.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return timedOut.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return lost.apply("the service stopped");
    }
  }

  private void order(String line) throws IOException {
    synchronized (orders) {
      orders.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      orders.flush();
    }
  }

  private void onOutput(byte[] bytes, int length) {
    Shell current = shell;
    if (current != null) {
      current.output().accept(bytes, length);
    } else if (!started.isDone()) {
      synchronized (startOutput) {
        startOutput.write(bytes, 0, Math.min(length, START_OUTPUT_BYTES_MAX - startOutput.size()));
      }
    }
  }

  private void onFrame(String line) {
    if (line.equals(READY)) {
      started.complete(true);
      return;
    }
    String[] parts = line.split(" ", 3);
    HelperCall helper = helpers.get(parts[0]);
    if (helper != null && parts.length == 3 && !helper.accept(parts[1], parts[2])) {
      end("it answered out of bounds");
    }
  }

  private void onStreamEnd() {
    streams.countDown();
    try {
      boolean _ = process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS); // Its code tells more.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String code = exitCode();
    if (end("its processes were ended from inside, or ran out of memory")) {
      LOG.infof("sandbox ended by itself incarnation=%s exit_code=%s", incarnation, code);
    }
  }

  /// Ends everything inside. What runs hears that it is lost, with `reason`.
  ///
  /// @return false when it ended before
  public boolean end(String reason) {
    synchronized (ending) {
      if (ended) {
        return false;
      }
      endReason = reason;
      kill();
      ended = true;
    }
    waiting.forEach(Runnable::run);
    traits.afterEnd().run();
    return true;
  }

  private void kill() {
    try {
      orders.close();
    } catch (IOException e) {
      // The pipe is broken: the other side is already gone.
    }
    try {
      if (!traits.isolated()) {
        process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS);
      }
      process.destroyForcibly().waitFor(END_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    end("it was closed");
  }
}
