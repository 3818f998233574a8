package io.steward.sandbox.shim;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One sandbox while it lives: a connection whose streams lead to the shim inside.
///
/// Commands of the shell come one at a time, which the caller sees to; file tools may run beside
/// them and each other. Once it ended, everything answers that it is lost, and nothing revives it.
public final class Sandbox implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Sandbox.class);
  private static final RandomGenerator TOKENS = new SecureRandom();
  private static final Duration END_MAX = Duration.ofSeconds(2);

  private static final String ENDED_INSIDE =
      "its processes were ended from inside, or ran out of memory";

  /// What the shim says once it takes orders.
  private static final String READY = "ready";

  /// What is kept of what a sandbox says before it is ready, in bytes.
  private static final int START_OUTPUT_BYTES_MAX = 1000;

  private final String incarnation;
  private final Connection connection;
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
  private final AtomicBoolean listening = new AtomicBoolean();
  private volatile boolean ended;
  private volatile boolean detached;
  private volatile String endReason = "";
  private volatile @Nullable Shell shell;

  /// @param isolated whether killing the connection kills everything inside, or need not do so
  /// @param lasting whether the sandbox goes on without its connection, remembers calls and can be
  ///   reattached
  /// @param stopGrace how long a stopped shell may take to end
  /// @param toolOutputs where output of commands is kept
  /// @param afterEnd runs once nothing of the sandbox is left; frees what the driver took
  public record Traits(
      boolean isolated,
      boolean lasting,
      Duration stopGrace,
      OutputDirectory toolOutputs,
      Runnable afterEnd) {}

  /// A directory only the service writes, and what it is called inside.
  ///
  /// @param written runs when a file there was written
  public record OutputDirectory(Path host, String inside, Runnable written) {
    /// A directory that is the same inside.
    public OutputDirectory(Path host, String inside) {
      this(host, inside, () -> {});
    }
  }

  /// Reads frames at once; output is read from [#awaitStart] or [#resume] on.
  public Sandbox(String incarnation, Connection connection, CallInputs inputs, Traits traits) {
    this.incarnation = incarnation;
    this.connection = connection;
    this.inputs = inputs;
    this.traits = traits;
    this.orders = connection.orders();
    SandboxStreams.readFrames(incarnation, connection.frames(), this::onFrame, this::onStreamEnd);
  }

  private void readOutput() {
    SandboxStreams.readOutput(incarnation, connection.output(), this::onOutput, this::onStreamEnd);
  }

  /// Waits until the sandbox takes orders: what fails before ran nothing. One that does not is
  /// ended.
  ///
  /// @throws IOException with what it said when it ended, or when it is not ready after `longest`
  public void awaitStart(Duration longest) throws IOException {
    listen();
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
    OptionalInt code = connection.exitCode();
    return code.isPresent() ? Integer.toString(code.getAsInt()) : "unknown";
  }

  private String startOutput() {
    try {
      boolean _ = streams.await(END_MAX.toMillis(), TimeUnit.MILLISECONDS);
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

  /// Whether it goes on without this service and remembers its calls.
  public boolean isLasting() {
    return traits.lasting();
  }

  /// Whether this service let go of it, or somebody else took it over, and it goes on.
  public boolean isDetached() {
    return detached;
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
  /// @throws SandboxDetachedException when this service let go of the sandbox meanwhile
  public ShellEnd run(
      String command, OutputSink sink, Duration timeout, Cancellation cancellation) {
    return run(nextCall(), command, sink, timeout, cancellation);
  }

  /// The same for a call with a name, by which its outcome is known in a sandbox that can be
  /// reattached.
  ///
  /// @param call letters, digits, `_` and `-`, at most 64; no other call of this sandbox has it
  public ShellEnd run(
      String call, String command, OutputSink sink, Duration timeout, Cancellation cancellation) {
    try {
      Shell current = shell();
      inputs.put(call, commandInput(command, timeout));
      CompletableFuture<ShellEnd> end = current.begin(call, sink);
      order("run " + current.token() + " " + call);
      return awaitCommand(current, call, end, timeout, cancellation);
    } catch (IOException e) {
      end("its connection broke");
      return lostCommand();
    }
  }

  private Map<String, byte[]> commandInput(String command, Duration timeout) {
    byte[] text = command.getBytes(StandardCharsets.UTF_8);
    return traits.lasting()
        ? Map.of(
            "command",
            text,
            "timeout",
            Long.toString(timeout.toMillis()).getBytes(StandardCharsets.US_ASCII))
        : Map.of("command", text);
  }

  private ShellEnd lostCommand() {
    requireAttached();
    return new ShellEnd.SandboxLost(endReason);
  }

  private ShellEnd awaitCommand(
      Shell current,
      String call,
      CompletableFuture<ShellEnd> end,
      Duration timeout,
      Cancellation cancellation) {
    Runnable lost = () -> end.complete(new ShellEnd.SandboxLost(endReason));
    try {
      await(lost);
      cancellation.onCancel(() -> end.complete(new ShellEnd.Canceled()));
      ShellEnd result =
          seen(await(end, timeout, ShellEnd.TimedOut::new, ShellEnd.SandboxLost::new));
      requireAttached();
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
  /// @throws SandboxDetachedException when this service let go of the sandbox meanwhile
  public HelperEnd help(
      String name, Map<String, byte[]> arguments, Duration timeout, Cancellation cancellation) {
    return help(nextCall(), name, arguments, timeout, cancellation);
  }

  /// The same for a call with a name, see [#run].
  public HelperEnd help(
      String call,
      String name,
      Map<String, byte[]> arguments,
      Duration timeout,
      Cancellation cancellation) {
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
      requireAttached();
      if (!(result instanceof HelperEnd.Answered)) {
        order("end " + call);
      }
      return result;
    } catch (IOException e) {
      end("its connection broke");
      requireAttached();
      return new HelperEnd.SandboxLost(endReason);
    } finally {
      helpers.remove(call);
      waiting.remove(lost);
      inputs.remove(call);
    }
  }

  /// Takes over a sandbox that an earlier connection left. Then each call it may have had is asked
  /// for with [#recall], before anything else runs.
  ///
  /// @throws IOException when it does not answer within `longest`; then this object let go of it
  public void resume(Duration longest) throws IOException {
    Recalled recalled = recall("", longest);
    if (!(recalled instanceof Recalled.Nothing(Optional<String> token))) {
      boolean _ = leave("it did not answer", true);
      throw new IOException("a sandbox did not answer when it was reattached: " + recalled);
    }
    token.ifPresent(living -> shell = new Shell(living));
    started.complete(true);
  }

  /// What became of a call in a sandbox that was resumed. One that is not known there never will
  /// run.
  public Recalled recall(String call, Duration longest) {
    HelperEnd end =
        help(
            nextCall() + "-" + Long.toHexString(TOKENS.nextLong()),
            "recall",
            Map.of("id", call.getBytes(StandardCharsets.US_ASCII)),
            longest,
            new Cancellation());
    return end instanceof HelperEnd.Answered(byte[] answer)
        ? Recalled.parse(answer)
        : new Recalled.Unknown();
  }

  /// Waits for the end of a command that was recalled.
  ///
  /// @param sink hears its output from its begin on
  /// @throws SandboxDetachedException when this service let go of the sandbox meanwhile
  public ShellEnd await(
      String call,
      Recalled.Command command,
      OutputSink sink,
      Duration timeout,
      Cancellation cancellation) {
    Shell current = shell;
    if (current == null || !current.token().equals(command.token())) {
      current = new Shell(command.token());
      shell = current;
    }
    CompletableFuture<ShellEnd> end = current.awaitBegin(call, sink);
    listen();
    return awaitCommand(current, call, end, timeout, cancellation);
  }

  /// Reads the output of a sandbox that was resumed, now that everybody who wants it is there.
  public void listen() {
    if (listening.compareAndSet(false, true)) {
      readOutput();
    }
  }

  /// Has the shim read its environment again, which the next shell gets.
  public void reload() throws IOException {
    order("load");
  }

  /// Lets the inside forget a call whose outcome is safe elsewhere.
  public void forget(String call) {
    if (traits.lasting() && isAlive()) {
      try {
        order("forget " + call);
      } catch (IOException e) {
        // The readers notice, and it matters no more.
      }
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
    boolean _ = connection.awaitEnd(END_MAX); // Its code tells more.
    String code = exitCode();
    String cause = connection.cause();
    if (connection.isTakenOver()) {
      boolean _ = leave(cause, true);
      return;
    }
    if (end(cause.isEmpty() ? ENDED_INSIDE : cause)) {
      LOG.infof("sandbox ended by itself incarnation=%s exit_code=%s", incarnation, code);
    }
  }

  /// Ends everything inside. What runs hears that it is lost, with `reason`.
  ///
  /// @return false when it ended before
  public boolean end(String reason) {
    if (!leave(reason, false)) {
      return false;
    }
    traits.afterEnd().run();
    return true;
  }

  /// Lets go of a sandbox that stays and can be reattached; one that cannot is ended. What waits
  /// for it gets a [SandboxDetachedException].
  public void detach(String reason) {
    if (traits.lasting()) {
      boolean _ = leave(reason, true);
    } else {
      end(reason);
    }
  }

  private boolean leave(String reason, boolean goesOn) {
    synchronized (ending) {
      if (ended) {
        return false;
      }
      endReason = reason;
      detached = goesOn;
      kill();
      ended = true;
    }
    waiting.forEach(Runnable::run);
    return true;
  }

  private void requireAttached() {
    if (detached) {
      throw new SandboxDetachedException(incarnation);
    }
  }

  private void kill() {
    try {
      orders.close();
    } catch (IOException e) {
      // The pipe is broken: the other side is already gone.
    }
    if (!traits.isolated()) {
      boolean _ = connection.awaitEnd(END_MAX);
    }
    connection.kill();
    boolean _ = connection.awaitEnd(END_MAX);
  }

  @Override
  public void close() {
    end("it was closed");
  }
}
