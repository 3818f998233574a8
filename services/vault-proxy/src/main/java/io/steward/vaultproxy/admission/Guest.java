package io.steward.vaultproxy.admission;

import io.netty.channel.Channel;
import io.steward.vaultproxy.policy.SandboxIdentity;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// One sandbox as the proxy sees it: its connections, and what it may still ask for. Safe from any
/// thread.
public final class Guest {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final byte[] tokenSha256;
  private final Sandboxes sandboxes;
  private final ProxyLimits limits;
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger exchanges = new AtomicInteger();
  private double requestsLeft;
  private long countedAtNanos;

  Guest(byte[] tokenSha256, Sandboxes sandboxes, ProxyLimits limits, long nowNanos) {
    this.tokenSha256 = tokenSha256.clone();
    this.sandboxes = sandboxes;
    this.limits = limits;
    this.requestsLeft = limits.requestsBurst();
    this.countedAtNanos = nowNanos;
  }

  /// How its token is known.
  public byte[] tokenSha256() {
    return tokenSha256.clone();
  }

  /// Who it is; empty as soon as the sandbox has ended.
  public Optional<SandboxIdentity> identity() {
    return sandboxes.find(tokenSha256);
  }

  /// Whether the connection is one of its own now. It leaves by itself when it closes.
  synchronized boolean takes(Channel connection) {
    if (connections.contains(connection)) {
      return true;
    }
    if (connections.size() >= limits.connectionsPerSandboxMax()) {
      return false;
    }
    connections.add(connection);
    var _ = connection.closeFuture().addListener(_ -> connections.remove(connection));
    return true;
  }

  /// Whether one more request may be made now, by rate.
  ///
  /// @param nowNanos never less than before
  synchronized boolean mayAsk(long nowNanos) {
    double earned =
        (double) (nowNanos - countedAtNanos) * limits.requestsPerSecond() / NANOS_PER_SECOND;
    requestsLeft = Math.min(limits.requestsBurst(), requestsLeft + earned);
    countedAtNanos = nowNanos;
    if (requestsLeft < 1) {
      return false;
    }
    requestsLeft--;
    return true;
  }

  /// Whether one more request may be under way; then [#leave] must follow once.
  public boolean enter() {
    if (exchanges.incrementAndGet() > limits.exchangesPerSandboxMax()) {
      exchanges.decrementAndGet();
      return false;
    }
    return true;
  }

  public void leave() {
    exchanges.decrementAndGet();
  }

  boolean idle() {
    return connections.isEmpty();
  }

  /// Closes all its connections.
  void end() {
    connections.forEach(connection -> {
      var _ = connection.close();
    });
  }

  static String key(byte[] tokenSha256) {
    return HexFormat.of().formatHex(tokenSha256);
  }
}
