package io.steward.sandbox.egress;

import io.steward.schemas.trace.TraceContext;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Takes the connections of one sandbox from a socket file, which is the only thing of the outside
/// it can reach, and hands them to the egress proxy with a header that says whose they are. The
/// token stays out here, so nothing inside can say to be another sandbox, or take it along.
///
/// Closing it closes all connections and removes the socket.
public final class EgressRelay implements AutoCloseable {
  /// Connections of one sandbox at once; one more waits for [#PLACE_WAIT] and is closed.
  public static final int CONNECTIONS_MAX = 64;

  private static final Logger LOG = Logger.getLogger(EgressRelay.class);

  /// What listens inside ends its part of a connection a moment before this one does.
  private static final Duration PLACE_WAIT = Duration.ofSeconds(1);

  private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);

  private final Path socket;
  private final ServerSocketChannel server;
  private final ProxyAddress proxy;
  private final SandboxToken token;
  private final Supplier<Optional<TraceContext>> trace;
  private final Semaphore places = new Semaphore(CONNECTIONS_MAX);
  private final Set<RelayConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean away = new AtomicBoolean();
  private volatile boolean closed;

  private EgressRelay(
      Path socket,
      ServerSocketChannel server,
      ProxyAddress proxy,
      SandboxToken token,
      Supplier<Optional<TraceContext>> trace) {
    this.socket = socket;
    this.server = server;
    this.proxy = proxy;
    this.token = token;
    this.trace = trace;
  }

  /// Listens at once.
  ///
  /// @param socket the file to be made; nothing is there
  /// @param owner the user of the machine who may connect; empty when it is this one
  /// @param trace what runs inside now is part of
  /// @throws IOException when the socket cannot be made
  public static EgressRelay open(
      Path socket,
      OptionalInt owner,
      ProxyAddress proxy,
      SandboxToken token,
      Supplier<Optional<TraceContext>> trace)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    EgressRelay relay = new EgressRelay(socket, server, proxy, token, trace);
    try {
      bind(server, socket);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      if (owner.isPresent()) {
        Files.setAttribute(socket, "unix:uid", owner.getAsInt(), LinkOption.NOFOLLOW_LINKS);
      }
    } catch (IOException e) {
      relay.close();
      throw e;
    }
    Thread.ofVirtual().name("egress-" + socket.getFileName()).start(relay::accept);
    return relay;
  }

  /// The name of a socket has about a hundred bytes, less than paths of sandboxes often need: so it
  /// is bound by a short way there.
  private static void bind(ServerSocketChannel server, Path socket) throws IOException {
    Path directory = Files.createTempDirectory("sbx");
    Path way = directory.resolve("d");
    try {
      Files.createSymbolicLink(way, socket.toAbsolutePath().getParent());
      server.bind(UnixDomainSocketAddress.of(way.resolve(socket.getFileName())), CONNECTIONS_MAX);
    } finally {
      Files.deleteIfExists(way);
      Files.deleteIfExists(directory);
    }
  }

  private void accept() {
    while (!closed) {
      try {
        take(server.accept());
      } catch (IOException e) {
        if (!closed) {
          LOG.warnf("a connection of a sandbox was not accepted: %s", e);
          LockSupport.parkNanos(ACCEPT_PAUSE.toNanos());
        }
      }
    }
  }

  private void take(SocketChannel inside) {
    RelayConnection connection = new RelayConnection(inside, proxy, token, trace.get());
    if (!hasPlace()) {
      connection.close();
      return;
    }
    connections.add(connection);
    Thread.ofVirtual()
        .name("egress-connection")
        .start(() -> {
          try {
            relay(connection);
          } finally {
            connections.remove(connection);
            places.release();
          }
        });
    if (closed) {
      connection.close();
    }
  }

  private boolean hasPlace() {
    try {
      return places.tryAcquire(PLACE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void relay(RelayConnection connection) {
    boolean reached = connection.run();
    if (!reached && !closed && !away.getAndSet(true)) {
      LOG.warnf("the egress proxy %s cannot be reached; sandboxes read so", proxy);
    } else if (reached) {
      away.set(false);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      server.close();
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.warnf("the socket %s was not removed: %s", socket.getFileName(), e);
    }
    connections.forEach(RelayConnection::close);
  }
}
