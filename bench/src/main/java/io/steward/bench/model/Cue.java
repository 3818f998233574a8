package io.steward.bench.model;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a message tells the model to do: it is part of the message's text, so that the model needs
/// to know no session.
///
/// @param session number of the session among those of this run
/// @param turn number of the turn in its session
/// @param delayMillis from the request to the first byte of its reply
/// @param chunks pieces of text in the reply, at least 1
/// @param everyMillis from one piece to the next
/// @param tools how many times the model asks for `bash echo` before it answers; each is to print
///   [TimedModel#PRINTED]
public record Cue(int session, int turn, int delayMillis, int chunks, int everyMillis, int tools) {
  static final String BEGIN = "[bench ";

  private static final Pattern FORM =
      Pattern.compile(
          "\\[bench s(\\d+) t(\\d+) delay=(\\d+) chunks=(\\d+) every=(\\d+) tools=(\\d+)]");

  public Cue {
    if (chunks < 1) {
      throw new IllegalArgumentException("chunks is " + chunks + ", but must be at least 1.");
    }
  }

  /// A turn of one reply in one piece, as fast as the model can.
  public static Cue plain(int session, int turn) {
    return new Cue(session, turn, 0, 1, 0, 0);
  }

  /// The same with calls of `bash echo` before the reply.
  public Cue withTools(int calls) {
    return new Cue(session, turn, delayMillis, chunks, everyMillis, calls);
  }

  /// The same with a reply of several pieces.
  public Cue inChunks(int count, Duration every) {
    return new Cue(session, turn, delayMillis, count, (int) every.toMillis(), tools);
  }

  /// The same with a model that thinks first.
  public Cue after(Duration delay) {
    return new Cue(session, turn, (int) delay.toMillis(), chunks, everyMillis, tools);
  }

  /// The same turn, whatever the model does in it.
  String key() {
    return session + "/" + turn;
  }

  /// As it stands in the message.
  public String text() {
    return "[bench s%d t%d delay=%d chunks=%d every=%d tools=%d]"
        .formatted(session, turn, delayMillis, chunks, everyMillis, tools);
  }

  /// The last cue in a text, which is that of the newest message of a request.
  static Optional<Found> last(String text) {
    int at = text.lastIndexOf(BEGIN);
    if (at < 0) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(text);
    if (!matcher.find(at) || matcher.start() != at) {
      return Optional.empty();
    }
    return Optional.of(
        new Found(
            new Cue(
                number(matcher, 1),
                number(matcher, 2),
                number(matcher, 3),
                number(matcher, 4),
                number(matcher, 5),
                number(matcher, 6)),
            matcher.end()));
  }

  /// @param end index behind the cue
  record Found(Cue cue, int end) {}

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(matcher.group(group));
  }
}
