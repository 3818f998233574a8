package io.steward.sessionlog.log;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What was handed to the log and never acknowledged, by the request that asked for it. It may be
/// there, or not, or come late. Clients send such a request again, byte by byte the same; whoever
/// finds it here makes no second thing of it. Forgotten when it is old, or when there are too many.
///
/// @param <T> the ids that were used
public final class Unsettled<T> {
  /// How many are remembered.
  static final int ENTRIES_MAX = 1_000;

  /// How long one is remembered.
  static final Duration KEPT = Duration.ofMinutes(10);

  private final InstantSource clock;
  private final Map<String, Entry<T>> entries = new LinkedHashMap<>();

  private record Entry<T>(T value, Instant until) {}

  public Unsettled(InstantSource clock) {
    this.clock = clock;
  }

  /// Names a request.
  ///
  /// @param scope what the path says
  public static String request(String scope, byte[] body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(scope.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      return HexFormat.of().formatHex(digest.digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  public synchronized void add(String request, T value) {
    entries.remove(request);
    entries.put(request, new Entry<>(value, clock.instant().plus(KEPT)));
    if (entries.size() > ENTRIES_MAX) {
      var oldest = entries.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /// Takes it out: one repetition settles it, and what comes behind that is a new request.
  public synchronized Optional<T> take(String request) {
    Entry<T> entry = entries.remove(request);
    return entry == null || entry.until.isBefore(clock.instant())
        ? Optional.empty()
        : Optional.of(entry.value);
  }
}
