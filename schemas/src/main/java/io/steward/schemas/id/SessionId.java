package io.steward.schemas.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// The id of a session: `sesn_01`, two base-58 digits for its partition, 20 random characters. The
/// partition of a session never changes, so that partitions can be added later (architecture §2).
public record SessionId(@JsonValue String value) implements Comparable<SessionId> {
  private static final String PREFIX = "sesn_01";
  private static final int PARTITION_DIGITS = 2;
  private static final int RANDOM_CHARS = 20;
  private static final int BASE = Ids.ALPHABET.length();

  /// One more than the highest partition an id can carry.
  public static final int PARTITIONS_MAX = BASE * BASE;

  private static final Pattern FORM = Pattern.compile(PREFIX + "[" + Ids.ALPHABET + "]{22}");
  private static final SecureRandom RANDOM = new SecureRandom();

  /// @throws IllegalArgumentException when the text is not a session id
  @JsonCreator
  public SessionId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a session id: " + value);
    }
  }

  /// The session id in `text`, or empty when it is none. `session_…` is accepted as another
  /// spelling of `sesn_…`.
  public static Optional<SessionId> parse(String text) {
    String id = text.startsWith("session_") ? "sesn_" + text.substring("session_".length()) : text;
    return FORM.matcher(id).matches() ? Optional.of(new SessionId(id)) : Optional.empty();
  }

  /// A fresh id in `partition`, which is from 0 to [#PARTITIONS_MAX] exclusive.
  public static SessionId random(int partition) {
    return random(partition, RANDOM);
  }

  static SessionId random(int partition, RandomGenerator random) {
    if (partition < 0 || partition >= PARTITIONS_MAX) {
      throw new IllegalArgumentException("partition out of range: " + partition);
    }
    char high = Ids.ALPHABET.charAt(partition / BASE);
    char low = Ids.ALPHABET.charAt(partition % BASE);
    return new SessionId(PREFIX + high + low + Ids.randomChars(random, RANDOM_CHARS));
  }

  /// The partition of every session-keyed topic that holds this session's records.
  public int partition() {
    int high = Ids.ALPHABET.indexOf(value.charAt(PREFIX.length()));
    int low = Ids.ALPHABET.indexOf(value.charAt(PREFIX.length() + PARTITION_DIGITS - 1));
    return high * BASE + low;
  }

  /// The id of the session's primary thread: derived, so that no record has to carry it.
  public String primaryThreadId() {
    return "sthr_01" + value.substring(PREFIX.length());
  }

  @Override
  public int compareTo(SessionId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
