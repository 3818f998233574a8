package io.steward.vaultproxy.transport;

import java.time.Duration;

/// How far one message may go.
///
/// @param connectTimeMax until a connection to one address stands
/// @param exchangeTimeMax of a message that is no call of a tool, with its answer
/// @param answerBytesMax of all that comes back for one message
public record TransportLimits(
    Duration connectTimeMax, Duration exchangeTimeMax, int answerBytesMax) {
  /// Bytes of all headers of one response.
  static final int HEADER_BYTES_MAX = 32 * 1024;

  /// Bytes of an answer that any number of messages may have; larger ones take turns.
  static final int ROOMY_BYTES = 256 * 1024;

  /// Larger answers that are in memory at once.
  public static final int LARGE_ANSWERS_MAX = 2;

  /// Bytes of one event on a stream that stays open.
  static final int EVENT_BYTES_MAX = 1024 * 1024;

  /// Parts of the JSON of one message: a small text can become many objects.
  static final int JSON_TOKENS_MAX = 200_000;

  /// Characters of one text in JSON, so that an image is one.
  static final int STRING_CHARS_MAX = 16 * 1024 * 1024;

  /// Redirects of one message, to the same origin.
  static final int REDIRECTS_MAX = 3;

  /// What a server may ask of its client on one connection, such as pings.
  static final int SERVER_REQUESTS_MAX = 1_000;

  /// Times in a row a stream of notifications breaks before it is given up.
  static final int LISTENING_FAILURES_MAX = 5;

  static final int SESSION_ID_CHARS_MAX = 1_024;

  public static TransportLimits usual() {
    return new TransportLimits(Duration.ofSeconds(5), Duration.ofSeconds(20), 8 * 1024 * 1024);
  }
}
