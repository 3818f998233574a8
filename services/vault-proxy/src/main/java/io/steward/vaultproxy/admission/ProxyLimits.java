package io.steward.vaultproxy.admission;

import java.time.Duration;

/// Named limits of the proxy, all at least 1.
///
/// @param connectionsMax from sandboxes, in all
/// @param anonymousMax connections that have not said yet whose they are; one more, and the oldest
///   of them is closed
/// @param connectionsPerSandboxMax more are answered with 429
/// @param exchangesPerSandboxMax requests under way at once, tunnels among them; more get 429
/// @param requestsPerSecond a sandbox may go on making; more get 429
/// @param requestsBurst it may make at once
/// @param headTimeMax from the first byte of a request to the end of its head, and from the opening
///   of a connection to the first byte
/// @param idleMax without a byte in either direction
/// @param connectTimeMax of one address
/// @param handshakeTimeMax of TLS, on either side
/// @param announcementMax how long a token nobody knows is looked for before it is refused: its
///   sandbox is announced on another way than its connections come
public record ProxyLimits(
    int connectionsMax,
    int anonymousMax,
    int connectionsPerSandboxMax,
    int exchangesPerSandboxMax,
    int requestsPerSecond,
    int requestsBurst,
    Duration headTimeMax,
    Duration idleMax,
    Duration connectTimeMax,
    Duration handshakeTimeMax,
    Duration announcementMax) {
  public static ProxyLimits usual() {
    return new ProxyLimits(
        4096,
        256,
        64,
        64,
        100,
        200,
        Duration.ofSeconds(10),
        Duration.ofMinutes(5),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(2));
  }
}
