package io.steward.schemas.vault;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How long uses of credentials are kept: the operator's setting [#VARIABLE], for the topic and for
/// the table.
///
/// @param duration at least; null for ever
public record AuditRetention(@Nullable Duration duration) {
  /// The environment variable that says it.
  public static final String VARIABLE = "STEWARD_VAULT_AUDIT_RETENTION";

  /// When nobody says anything: a little more than a year.
  public static final AuditRetention USUAL = new AuditRetention(Duration.ofDays(400));

  private static final String FOR_EVER = "forever";
  private static final long FOR_EVER_MS = -1;
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,4})([dh])");

  /// Reads `400d`, `72h` or `forever`.
  ///
  /// @throws IllegalArgumentException with a sentence when it is nothing of that
  public static AuditRetention parse(String text) {
    String stripped = text.strip();
    if (stripped.equals(FOR_EVER)) {
      return new AuditRetention(null);
    }
    Matcher form = FORM.matcher(stripped);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          VARIABLE
              + " is \""
              + stripped
              + "\"; it must be a number of days or hours from 1 to 99999, such as 400d or 72h, or"
              + " "
              + FOR_EVER
              + ".");
    }
    long count = Long.parseLong(form.group(1));
    return new AuditRetention(
        form.group(2).equals("d") ? Duration.ofDays(count) : Duration.ofHours(count));
  }

  /// As Kafka wants it for a topic: `-1` stands for ever.
  public long retentionMs() {
    return duration == null ? FOR_EVER_MS : duration.toMillis();
  }

  /// Uses from before that moment need not be kept; empty when all of them are.
  public Optional<Instant> cutoff(Instant now) {
    return Optional.ofNullable(duration).map(now::minus);
  }
}
