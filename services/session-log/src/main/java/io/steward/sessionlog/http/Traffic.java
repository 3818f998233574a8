package io.steward.sessionlog.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What is under way: how many requests, how many of them for one session, and how many bytes of
/// bodies. Beyond a limit requests are refused, so that neither waiting requests fill the memory
/// nor a flood for one session keeps the others out. Any thread.
final class Traffic {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final int requestsMax;
  private final int sessionRequestsMax;
  private final long bytesMax;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final Map<String, Integer> sessions = new ConcurrentHashMap<>();

  Traffic(int requestsMax, int sessionRequestsMax, long bytesMax) {
    this.requestsMax = requestsMax;
    this.sessionRequestsMax = sessionRequestsMax;
    this.bytesMax = bytesMax;
  }

  /// Ends what was begun; once.
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /// The bytes of one body that are in memory.
  final class Body {
    private final AtomicLong held = new AtomicLong();

    /// Whether there is room for more bytes, which then are held.
    boolean hold(int more) {
      if (bytes.addAndGet(more) > bytesMax) {
        bytes.addAndGet(-more);
        return false;
      }
      held.addAndGet(more);
      return true;
    }

    /// Nothing of the body is in memory any more.
    void release() {
      bytes.addAndGet(-held.getAndSet(0));
    }
  }

  Body body() {
    return new Body();
  }

  /// Begins a request.
  ///
  /// @param session in its path, or null
  /// @throws ApiException 429 at a limit
  Place enter(@Nullable String session) {
    if (requests.incrementAndGet() > requestsMax) {
      requests.decrementAndGet();
      throw full("There are " + requestsMax + " requests under way, which is the limit.");
    }
    if (session == null) {
      return requests::decrementAndGet;
    }
    if (sessions.merge(session, 1, Integer::sum) > sessionRequestsMax) {
      leave(session);
      throw full(
          "There are "
              + sessionRequestsMax
              + " requests for this session under way, which is the limit.");
    }
    return () -> leave(session);
  }

  /// 429: the bodies that are in memory leave no room for one more.
  ApiError tooManyBytes() {
    return ApiError.rateLimited(
        "The bodies of the requests under way have "
            + bytesMax
            + " bytes together, which is the limit.",
        RETRY);
  }

  int requests() {
    return requests.get();
  }

  long bytes() {
    return bytes.get();
  }

  private void leave(String session) {
    sessions.computeIfPresent(session, (_, count) -> count == 1 ? null : count - 1);
    requests.decrementAndGet();
  }

  private static ApiException full(String message) {
    return new ApiException(ApiError.rateLimited(message, RETRY));
  }
}
