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

/// Who is in, and how many. A connection belongs to nobody until its first request names a token,
/// and to that sandbox alone from then on. Safe from any thread.
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

  /// The sandbox a `Proxy-Authorization` names; empty when it names none that is running.
  ///
  /// @param authorization `Basic`, and in base64 any name, a colon and the token
  public Optional<Guest> guest(@Nullable String authorization) {
    Optional<byte[]> token = token(authorization);
    if (token.isEmpty()) {
      return Optional.empty();
    }
    byte[] sha256 = sha256(token.get());
    if (sandboxes.find(sha256).isEmpty()) {
      return Optional.empty();
    }
    forgetIdle();
    return Optional.of(
        guests.computeIfAbsent(
            Guest.key(sha256), _ -> new Guest(sha256, sandboxes, limits, nanos.getAsLong())));
  }

  /// Makes a connection the sandbox's own, unless it has too many.
  public boolean admit(Guest guest, Channel connection) {
    known(connection);
    return guest.takes(connection);
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

  private static Optional<byte[]> token(@Nullable String authorization) {
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
      return colon < 0
          ? Optional.empty()
          : Optional.of(pair.substring(colon + 1).getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] sha256(byte[] token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
