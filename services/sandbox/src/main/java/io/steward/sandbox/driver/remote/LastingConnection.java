package io.steward.sandbox.driver.remote;

import io.steward.sandbox.shim.Connection;
import io.steward.schemas.id.Ids;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The connection to a shim that lives by itself, over attachments that come and go: when one
/// breaks, the next goes on where it ended, and orders that are not known to have arrived are sent
/// again, which the shim notices. It is over when the sandbox is, when somebody else attached, or
/// when no attachment worked for [#PATIENCE].
///
/// What is written to [#orders()] between two flushes is one order.
final class LastingConnection implements Connection {
  private static final Logger LOG = Logger.getLogger(LastingConnection.class);

  /// How long attaching is tried again.
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /// How long an order may be on its way before the attachment counts as broken.
  private static final Duration RECEIPT_MAX = Duration.ofSeconds(20);

  /// Orders that are on their way at once. Every call waits for its own, so there are few.
  private static final int ORDERS_MAX = 1024;

  private static final Duration PAUSE_MIN = Duration.ofMillis(50);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(3);

  /// How the script `attach` ends when somebody else attached meanwhile.
  private static final int DISPLACED = 93;

  private static final String DISPLACED_CAUSE =
      "another instance of the sandbox service continued the session";

  private static final Duration CODE_WAIT = Duration.ofSeconds(1);

  private final RemoteCommands commands;
  private final String epoch = Ids.random("e");
  private final Orders orders = new Orders();
  private final Deque<Order> unreceived = new ArrayDeque<>();
  private final KeptStream frames;
  private final KeptStream output;
  private final CountDownLatch over = new CountDownLatch(1);
  private long numbers;
  private boolean outputWanted;
  private boolean heard;
  private int silentAttachments;
  private long brokenNanos;
  private volatile @Nullable Connection attachment;
  private volatile String cause = "";

  private record Order(long number, byte[] bytes, long sentNanos) {}

  /// @param fresh whether nobody ever attached to the sandbox; else output begins with what the
  ///   last call left, and is sent from the first read on: before, nobody would take it
  LastingConnection(RemoteCommands commands, boolean fresh) {
    this.commands = commands;
    this.outputWanted = fresh;
    this.frames = KeptStream.frames(fresh ? "0" : "end", this::next, this::onReceipt);
    this.output = KeptStream.output(fresh ? "0" : "held", this::nextOfOutput);
  }

  /// Attaches for the first time.
  ///
  /// @throws IOException when that does not work; nothing is tried again
  void open() throws IOException {
    synchronized (this) {
      attach();
    }
  }

  private void attach() throws IOException {
    List<String> command =
        RemoteShim.attachCommand(
            heard ? "again" : "first",
            epoch,
            frames.position(),
            outputWanted ? output.position() : "none");
    if (silentAttachments++ == 0) {
      brokenNanos = System.nanoTime();
    }
    Connection opened = commands.start(command);
    attachment = opened;
    if (over.getCount() == 0) {
      opened.kill();
      throw new IOException("the connection is over");
    }
    for (Order order : unreceived) {
      opened.orders().write(order.bytes());
    }
    opened.orders().flush();
  }

  private @Nullable Connection nextOfOutput(@Nullable Connection broken) {
    Connection without = broken;
    synchronized (this) {
      Connection current = attachment;
      if (!outputWanted && current != null) {
        without = current;
        current.kill();
      }
      outputWanted = true;
    }
    return next(without);
  }

  /// The attachment after `broken`, waited for; null when this connection is over.
  private @Nullable Connection next(@Nullable Connection broken) {
    while (over.getCount() > 0) {
      Duration pause;
      synchronized (this) {
        Connection current = attachment;
        if (current != null && current != broken) {
          return current;
        }
        if (current != null) {
          judge(current);
        }
        pause = pause();
      }
      if (await(pause)) {
        return null;
      }
      synchronized (this) {
        Connection current = attachment;
        if (current == null) {
          tryAttach();
        }
      }
    }
    return null;
  }

  /// Under the lock.
  private void tryAttach() {
    try {
      attach();
    } catch (SandboxGoneException e) {
      finish(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      LOG.debugf("a sandbox could not be attached: %s", e);
      Connection current = attachment;
      attachment = null;
      if (current != null) {
        current.kill();
      }
    }
  }

  /// Finds out why an attachment ended. Under the lock.
  private void judge(Connection broken) {
    attachment = null;
    boolean _ = broken.awaitEnd(CODE_WAIT);
    OptionalInt code = broken.exitCode();
    broken.kill();
    if (code.isPresent() && code.getAsInt() == DISPLACED) {
      finish(DISPLACED_CAUSE);
    }
  }

  /// How long to wait before the next attachment. Under the lock.
  private Duration pause() {
    if (silentAttachments == 0) {
      return Duration.ZERO;
    }
    if (System.nanoTime() - brokenNanos > PATIENCE.toNanos()) {
      finish("it could not be reached for " + PATIENCE.toSeconds() + " s");
    }
    Duration pause = PAUSE_MIN.multipliedBy(1L << Math.min(silentAttachments, 10));
    return pause.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause;
  }

  /// True when this connection is over.
  private boolean await(Duration longest) {
    try {
      return over.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      finish("the service stopped");
      return true;
    }
  }

  private void finish(String because) {
    if (over.getCount() > 0) {
      cause = because;
      over.countDown();
    }
  }

  /// Takes `ok EPOCH NUMBER`.
  private synchronized void onReceipt(String line) {
    String[] parts = line.split(" ");
    if (parts.length != 3 || !parts[1].equals(epoch)) {
      return;
    }
    heard = true;
    silentAttachments = 0;
    try {
      long number = Long.parseLong(parts[2]);
      while (!unreceived.isEmpty() && unreceived.getFirst().number() <= number) {
        unreceived.removeFirst();
      }
    } catch (NumberFormatException e) {
      // Meddled with inside; what is not received is sent again.
    }
  }

  private synchronized void send(byte[] order) throws IOException {
    if (over.getCount() == 0) {
      throw new IOException("the connection is over");
    }
    if (unreceived.size() >= ORDERS_MAX) {
      throw new IOException("more than " + ORDERS_MAX + " orders are on their way");
    }
    long now = System.nanoTime();
    Connection current = attachment;
    if (!unreceived.isEmpty()
        && now - unreceived.getFirst().sentNanos() > RECEIPT_MAX.toNanos()
        && current != null) {
      current.kill(); // The readers notice and attach again.
    }
    long number = ++numbers;
    byte[] head = (epoch + " " + number + " ").getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = new byte[head.length + order.length];
    System.arraycopy(head, 0, bytes, 0, head.length);
    System.arraycopy(order, 0, bytes, head.length, order.length);
    unreceived.addLast(new Order(number, bytes, now));
    if (current == null) {
      return; // It is sent when there is one again.
    }
    try {
      current.orders().write(bytes);
      current.orders().flush();
    } catch (IOException e) {
      current.kill();
    }
  }

  private final class Orders extends OutputStream {
    private final ByteArrayOutputStream order = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int b) {
      order.write(b);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      order.write(bytes, offset, length);
    }

    @Override
    public synchronized void flush() throws IOException {
      if (order.size() > 0) {
        byte[] bytes = order.toByteArray();
        order.reset();
        send(bytes);
      }
    }
  }

  @Override
  public OutputStream orders() {
    return orders;
  }

  @Override
  public InputStream frames() {
    return frames;
  }

  @Override
  public InputStream output() {
    return output;
  }

  @Override
  public boolean isAlive() {
    return over.getCount() > 0;
  }

  @Override
  public OptionalInt exitCode() {
    return OptionalInt.empty();
  }

  @Override
  public boolean awaitEnd(Duration longest) {
    try {
      return over.await(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public String cause() {
    return cause;
  }

  @Override
  public boolean isTakenOver() {
    return cause.equals(DISPLACED_CAUSE);
  }

  /// Ends the way to the sandbox, which stays.
  @Override
  public void kill() {
    finish("");
    Connection current = attachment;
    if (current != null) {
      current.kill();
    }
  }
}
