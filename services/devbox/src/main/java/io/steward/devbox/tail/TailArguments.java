package io.steward.devbox.tail;

import io.steward.devbox.settings.StartRefused;
import io.steward.schemas.id.SessionId;
import java.util.List;
import java.util.Optional;

/// What `./steward tail` is to show.
///
/// @param session the only one, or empty for all
/// @param fromBeginning whether what happened before is shown, too
public record TailArguments(Optional<SessionId> session, boolean fromBeginning) {
  private static final String USAGE = "./steward tail SESSION|--all [--from-beginning]";

  /// @param words behind `tail`
  /// @throws StartRefused with a sentence when they make no sense
  public static TailArguments parse(List<String> words) throws StartRefused {
    boolean all = false;
    boolean fromBeginning = false;
    Optional<SessionId> session = Optional.empty();
    for (String word : words) {
      switch (word) {
        case "--all" -> all = true;
        case "--from-beginning" -> fromBeginning = true;
        default -> {
          if (session.isPresent()) {
            throw new StartRefused(
                "tail shows one session or all, and got \"" + word + "\" as well: " + USAGE + ".");
          }
          session = Optional.of(session(word));
        }
      }
    }
    if (all == session.isPresent()) {
      throw new StartRefused(
          all
              ? "tail shows one session or all, and got both: " + USAGE + "."
              : "tail needs the id of a session, or --all: " + USAGE + ".");
    }
    return new TailArguments(session, fromBeginning);
  }

  private static SessionId session(String word) throws StartRefused {
    if (word.startsWith("-")) {
      throw new StartRefused("tail does not know \"" + word + "\": " + USAGE + ".");
    }
    return SessionId.parse(word)
        .orElseThrow(() ->
            new StartRefused(
                "\""
                    + word
                    + "\" is no id of a session; one is sesn_01 and 22 letters and digits,"
                    + " such as GET /v1/sessions lists."));
  }
}
