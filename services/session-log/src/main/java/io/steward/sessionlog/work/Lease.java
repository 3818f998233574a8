package io.steward.sessionlog.work;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// A worker's hold on an item, from its acknowledgement on.
///
/// @param startedAt its first heartbeat, or null
/// @param latestHeartbeatAt in whole microseconds, or null before the first
/// @param ttl how long it holds without another heartbeat
public record Lease(
    Instant acknowledgedAt,
    @Nullable Instant startedAt,
    @Nullable Instant latestHeartbeatAt,
    Duration ttl) {
  /// What a worker may wish for.
  static final Duration WISH_MIN = Duration.ofSeconds(10);

  static final Duration WISH_MAX = Duration.ofHours(1);

  /// The same instant always has the same text: workers send it back, and it is compared as text.
  private static final DateTimeFormatter BEAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  /// When it is lost.
  Instant until() {
    Instant from = latestHeartbeatAt == null ? acknowledgedAt : latestHeartbeatAt;
    return from.plus(ttl);
  }

  /// The lease after a heartbeat, which is always later than the one before.
  Lease beaten(Instant now, Duration nextTtl) {
    Instant last = latestHeartbeatAt;
    Instant beat = last == null || now.isAfter(last) ? now : last.plus(1, ChronoUnit.MICROS);
    return new Lease(acknowledgedAt, startedAt == null ? beat : startedAt, beat, nextTtl);
  }

  /// The latest heartbeat as workers know it, or null.
  public @Nullable String beat() {
    return latestHeartbeatAt == null ? null : BEAT.format(latestHeartbeatAt);
  }

  /// How long a lease lasts when a worker wishes for so many seconds.
  ///
  /// @param ttl without a wish
  static Duration granted(@Nullable Integer wishSeconds, Duration ttl) {
    if (wishSeconds == null) {
      return ttl;
    }
    Duration wish = Duration.ofSeconds(wishSeconds);
    Duration min = ttl.compareTo(WISH_MIN) < 0 ? ttl : WISH_MIN;
    return wish.compareTo(min) < 0 ? min : wish.compareTo(WISH_MAX) > 0 ? WISH_MAX : wish;
  }
}
