package io.steward.sessionlog.stream;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.http.QueryParameters;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A place in the log, between two events. Every replica, and every making of the projection, gives
/// the same event the same place. In text, as the `id` of a frame and in `Last-Event-ID`: `<topic
/// id>.<partition>.<offset>.<events>`.
///
/// @param log id of the topic, which is another one when the topic was made anew
/// @param partition from 0
/// @param offset of a record in the partition
/// @param events of that record that lie before this place, from 0
record StreamPosition(String log, int partition, long offset, int events) {
  private static final String HEADER = "Last-Event-ID";
  private static final Pattern TEXT =
      Pattern.compile("([A-Za-z0-9_-]{1,40})\\.(\\d{1,9})\\.(\\d{1,18})\\.(\\d{1,9})");

  /// The place that a text names.
  ///
  /// @throws ApiException 400 when no frame ever had such an id
  static StreamPosition parse(String text) {
    return read(text)
        .orElseThrow(() ->
            QueryParameters.refused(HEADER, text, "must be the id of a frame of this stream"));
  }

  private static Optional<StreamPosition> read(String text) {
    Matcher parts = TEXT.matcher(text);
    return parts.matches()
        ? Optional.of(
            new StreamPosition(
                parts.group(1),
                Integer.parseInt(parts.group(2)),
                Long.parseLong(parts.group(3)),
                Integer.parseInt(parts.group(4))))
        : Optional.empty();
  }

  /// The place in the same partition before the record at another offset.
  StreamPosition atRecord(long other) {
    return new StreamPosition(log, partition, other, 0);
  }

  /// The place behind so many events of this record.
  StreamPosition behind(int shown) {
    return new StreamPosition(log, partition, offset, shown);
  }

  /// Makes sure that a stream of the session can go on here.
  ///
  /// @param end where the session's log ends for readers now
  /// @throws ApiException 400 when this is no place before `end` in the session's log
  void requireIn(SessionId session, StreamPosition end) {
    if (!log.equals(end.log)) {
      throw refused(
          "the log was made anew since; list the events, and open a stream without this header");
    }
    if (partition != session.partition()) {
      throw refused(
          "belongs to partition %d of the log, and this session is in partition %d"
              .formatted(partition, session.partition()));
    }
    if (offset > end.offset || (offset == end.offset && events > 0)) {
      throw refused("lies behind the end of the log, which is at offset " + end.offset);
    }
  }

  private ApiException refused(String rule) {
    return QueryParameters.refused(HEADER, text(), rule);
  }

  /// What a client is given, and sends back.
  String text() {
    return log + "." + partition + "." + offset + "." + events;
  }
}
