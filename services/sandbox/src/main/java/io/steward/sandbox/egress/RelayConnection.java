package io.steward.sandbox.egress;

import io.steward.schemas.trace.TraceContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One connection between a sandbox and the egress proxy. It holds one buffer for each direction;
/// nothing is read before what was read is written. When one side ends what it sends, the other is
/// told, and its answer still comes back.
final class RelayConnection {
  private static final Logger LOG = Logger.getLogger(RelayConnection.class);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
  private static final int BUFFER_BYTES = 16 * 1024;

  /// What is still read of a request that got the answer that there is no proxy: who was cut off
  /// while writing might not read it.
  private static final int UNHEARD_BYTES_MAX = 1024 * 1024;

  private static final Duration UNHEARD_MAX = Duration.ofSeconds(2);

  private static final String SENTENCE =
      "The egress proxy of this installation cannot be reached, so nothing leaves this sandbox now."
          + " Try again later.\n";
  private static final byte[] UNREACHABLE =
      ("HTTP/1.1 502 Bad Gateway: the egress proxy cannot be reached\r\n"
              + "Content-Type: text/plain\r\n"
              + "Content-Length: "
              + SENTENCE.length()
              + "\r\nConnection: close\r\n\r\n"
              + SENTENCE)
          .getBytes(StandardCharsets.US_ASCII);

  private final SocketChannel inside;
  private final ProxyAddress proxy;
  private final SandboxToken token;
  private final Optional<TraceContext> trace;
  private volatile @Nullable SocketChannel outside;
  private volatile boolean closed;

  RelayConnection(
      SocketChannel inside, ProxyAddress proxy, SandboxToken token, Optional<TraceContext> trace) {
    this.inside = inside;
    this.proxy = proxy;
    this.token = token;
    this.trace = trace;
  }

  /// Relays until both sides are done.
  ///
  /// @return false when the proxy could not be reached, which the inside was told
  boolean run() {
    try (SocketChannel upstream = SocketChannel.open()) {
      outside = upstream;
      if (closed) {
        return true;
      }
      if (!connect(upstream)) {
        tell();
        return false;
      }
      relay(upstream);
    } catch (IOException e) {
      LOG.debugf("a connection of a sandbox broke: %s", e);
    } finally {
      close();
    }
    return true;
  }

  private boolean connect(SocketChannel upstream) {
    try {
      upstream
          .socket()
          .connect(
              new InetSocketAddress(proxy.host(), proxy.port()),
              Math.toIntExact(CONNECT_MAX.toMillis()));
      upstream.setOption(StandardSocketOptions.TCP_NODELAY, true);
      write(ProxyHeader.of(token, trace), upstream);
      return true;
    } catch (IOException | UnresolvedAddressException e) {
      LOG.debugf("no connection to the egress proxy: %s", e);
      return false;
    }
  }

  private void relay(SocketChannel upstream) {
    CompletableFuture<Void> out =
        CompletableFuture.runAsync(
            () -> copy(inside, upstream),
            task -> Thread.ofVirtual().name("egress-out").start(task));
    copy(upstream, inside);
    out.join();
  }

  /// Copies until the end of `from`, and ends `to`. What breaks on the way ends both directions.
  private void copy(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try {
      while (from.read(buffer) >= 0) {
        write(buffer.flip(), to);
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      LOG.debugf("a connection of a sandbox broke: %s", e);
      close();
    }
  }

  private static void write(ByteBuffer bytes, SocketChannel to) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private void tell() throws IOException {
    CompletableFuture.delayedExecutor(UNHEARD_MAX.toMillis(), TimeUnit.MILLISECONDS)
        .execute(this::close);
    write(ByteBuffer.wrap(UNREACHABLE), inside);
    inside.shutdownOutput();
    ByteBuffer unheard = ByteBuffer.allocate(BUFFER_BYTES);
    int read = inside.read(unheard);
    for (long left = UNHEARD_BYTES_MAX; read >= 0 && left > 0; left -= read) {
      read = inside.read(unheard.clear());
    }
  }

  /// Ends both sides at once. Again is no different from once.
  void close() {
    closed = true;
    close(inside);
    SocketChannel upstream = outside;
    if (upstream != null) {
      close(upstream);
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debugf("a connection of a sandbox was not closed in order: %s", e);
    }
  }
}
