package io.steward.vaultproxy.admission;

import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Who is in, and how many. A connection belongs to nobody until its header or its first request
/// names a token, and to that sandbox alone from then on. Safe from any thread.
public final class Admissions {
  private static final String SCHEME = "Basic ";

  /// Sandboxes whose rate is remembered; those without a connection are forgotten above it.
  private static final int GUESTS_MAX = 10_000;

  private final Sandboxes sandboxes;
  private final ProxyLimits limits;
  private final LongSupplier nanos;
  private final AtomicInteger connections = new AtomicInteger();
  private final Set<Channel> anonymous = new LinkedHashSet<>();
  private final Map<String, Guest> guests = new ConcurrentHashMap<>();

  public Admissions(Sandboxes sandboxes, ProxyLimits limits, LongSupplier nanos) {
    this.sandboxes = sandboxes;
    this.limits = limits;
    this.nanos = nanos;
  }

  /// Takes a new connection, if there is a place for it.
  public boolean opened(Channel connection) {
    boolean place = connections.incrementAndGet() <= limits.connectionsMax();
    var _ =
        connection
            .closeFuture()
            .addListener(_ -> {
              connections.decrementAndGet();
              known(connection);
            });
    if (place) {
      var _ = nameless(connection).map(Channel::close);
    }
    return place;
  }

  /// How many there are.
  public int connections() {
    return connections.get();
  }

  /// The connection is anonymous now.
  ///
  /// @return the oldest one, when there are too many
  private Optional<Channel> nameless(Channel connection) {
    synchronized (anonymous) {
      anonymous.add(connection);
      if (anonymous.size() <= limits.anonymousMax()) {
        return Optional.empty();
      }
      Iterator<Channel> oldest = anonymous.iterator();
      Channel first = oldest.next();
      oldest.remove();
      return Optional.of(first);
    }
  }

  private void known(Channel connection) {
    synchronized (anonymous) {
      anonymous.remove(connection);
    }
  }

  /// The sandbox whose token has this SHA-256; empty when none is running.
  public Optional<Guest> guest(byte[] tokenSha256) {
    if (sandboxes.find(tokenSha256).isEmpty()) {
      return Optional.empty();
    }
    forgetIdle();
    return Optional.of(
        guests.computeIfAbsent(
            Guest.key(tokenSha256),
            _ -> new Guest(tokenSha256, sandboxes, limits, nanos.getAsLong())));
  }

  /// Makes a connection the sandbox's own, unless it has too many.
  public boolean admit(Guest guest, Channel connection) {
    boolean taken = guest.takes(connection);
    if (taken) {
      known(connection);
    }
    return taken;
  }

  public boolean mayAsk(Guest guest) {
    return guest.mayAsk(nanos.getAsLong());
  }

  /// Closes all connections of a sandbox that has ended.
  public void ended(byte[] tokenSha256) {
    Guest guest = guests.remove(Guest.key(tokenSha256));
    if (guest != null) {
      guest.end();
    }
  }

  private void forgetIdle() {
    if (guests.size() >= GUESTS_MAX) {
      guests.values().removeIf(Guest::idle);
    }
  }

  /// The SHA-256 of the token a `Proxy-Authorization` names; empty when it names none.
  ///
  /// @param authorization `Basic`, and in base64 any name, a colon and the token
  public static Optional<byte[]> named(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip()),
              StandardCharsets.ISO_8859_1);
      int colon = pair.indexOf(':');
      return colon < 0 ? Optional.empty() : Optional.of(sha256(pair.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// How a token is known here.
  public static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(token.getBytes(StandardCharsets.ISO_8859_1));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
