package io.steward.vaultproxy.mcp;

import io.steward.schemas.id.SessionId;
import io.steward.vaultproxy.transport.Exchange;
import io.steward.vaultproxy.transport.ServerFailure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Connections to servers, one for each server of a session. One that nobody uses stays for a
/// while, and goes earlier when there are too many. Safe from any thread.
final class Connections {
  private final Opener opener;
  private final McpLimits limits;
  private final Map<Server, Slot> slots = new HashMap<>();

  /// Connects to a server and greets it.
  @FunctionalInterface
  interface Opener {
    ServerConnection open(Server server, Exchange exchange) throws ServerFailure;
  }

  /// The place of one connection.
  private static final class Slot {
    private @Nullable ServerConnection connection;
    private int users;
    private long freeSinceNanos;
  }

  /// A connection, as long as it is used.
  final class Lease implements AutoCloseable {
    private final Server server;
    private final Slot slot;
    private final ServerConnection connection;

    private Lease(Server server, Slot slot, ServerConnection connection) {
      this.server = server;
      this.slot = slot;
      this.connection = connection;
    }

    ServerConnection connection() {
      return connection;
    }

    /// Nobody gets this connection any more.
    void discard() {
      remove(server, slot);
    }

    @Override
    public void close() {
      release(server, slot);
    }
  }

  Connections(Opener opener, McpLimits limits) {
    this.opener = opener;
    this.limits = limits;
  }

  /// Connections that are open, or being opened.
  int open() {
    synchronized (slots) {
      return slots.size();
    }
  }

  /// The connection to a server, which is opened if need be.
  Lease lease(Server server, Exchange exchange) throws ServerFailure {
    Slot slot = enter(server);
    try {
      return new Lease(server, slot, connected(server, slot, exchange));
    } catch (ServerFailure | RuntimeException e) {
      remove(server, slot);
      release(server, slot);
      throw e;
    }
  }

  private Slot enter(Server server) throws ServerFailure {
    Optional<ServerConnection> evicted = Optional.empty();
    Slot slot;
    synchronized (slots) {
      slot = slots.get(server);
      if (slot == null) {
        if (slots.size() >= limits.connectionsMax()) {
          evicted = evict();
        }
        slot = new Slot();
        slots.put(server, slot);
      }
      slot.users++;
    }
    evicted.ifPresent(ServerConnection::close);
    return slot;
  }

  private Optional<ServerConnection> evict() throws ServerFailure {
    Server idlest =
        slots.entrySet().stream()
            .filter(entry -> entry.getValue().users == 0)
            .min(Comparator.comparingLong(entry -> entry.getValue().freeSinceNanos))
            .map(Map.Entry::getKey)
            .orElseThrow(() ->
                ServerFailure.notSent("Too many MCP servers are connected to at the moment."));
    Slot removed = slots.remove(idlest);
    return Optional.ofNullable(removed == null ? null : removed.connection);
  }

  /// One user opens the connection, and the others wait for it.
  private ServerConnection connected(Server server, Slot slot, Exchange exchange)
      throws ServerFailure {
    synchronized (slot) {
      ServerConnection known = slot.connection;
      if (known != null) {
        return known;
      }
      try (Exchange earlier = exchange.before(limits.transport().exchangeTimeMax())) {
        ServerConnection fresh = opener.open(server, earlier);
        slot.connection = fresh;
        return fresh;
      }
    }
  }

  private void remove(Server server, Slot slot) {
    synchronized (slots) {
      slots.remove(server, slot);
    }
  }

  private void release(Server server, Slot slot) {
    boolean useless;
    synchronized (slots) {
      slot.users--;
      slot.freeSinceNanos = System.nanoTime();
      useless = slot.users == 0 && slots.get(server) != slot;
    }
    if (useless) {
      close(slot);
    }
  }

  private static void close(Slot slot) {
    ServerConnection connection = slot.connection;
    if (connection != null) {
      connection.close();
    }
  }

  /// Ends what nobody has used for long.
  void sweep() {
    long longAgo = System.nanoTime() - limits.idleMax().toNanos();
    removeIf((_, slot) -> slot.users == 0 && slot.freeSinceNanos - longAgo < 0)
        .forEach(Connections::close);
  }

  /// Ends all connections of a session, used or not.
  void forget(SessionId session) {
    removeIf((server, _) -> server.session().equals(session)).forEach(Connections::close);
  }

  /// Ends all connections.
  void close() {
    removeIf((_, _) -> true).forEach(Connections::close);
  }

  private List<Slot> removeIf(BiPredicate<Server, Slot> goes) {
    List<Slot> removed = new ArrayList<>();
    synchronized (slots) {
      slots
          .entrySet()
          .removeIf(entry -> {
            boolean gone = goes.test(entry.getKey(), entry.getValue());
            if (gone) {
              removed.add(entry.getValue());
            }
            return gone;
          });
    }
    return removed;
  }
}
