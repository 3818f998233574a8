package io.steward.sessionlog.list;

import java.util.List;

/// The last event of a page. Processed events come in the order of the log; queued ones stand
/// behind them.
///
/// @param offset offset of the event's record
/// @param index of the event inside its record
record EventCursor(boolean ascending, boolean queued, long offset, int index) {
  private static final String KIND = "e";

  String text() {
    return Cursors.text(KIND, ascending ? "a" : "d", queued ? 1 : 0, offset, index);
  }

  static EventCursor parse(String text, boolean ascending) {
    List<String> fields = Cursors.fields(text, KIND, 5);
    try {
      EventCursor cursor =
          new EventCursor(
              fields.get(1).equals("a"),
              fields.get(2).equals("1"),
              Long.parseLong(fields.get(3)),
              Integer.parseInt(fields.get(4)));
      if (cursor.ascending != ascending) {
        throw Cursors.otherOrder(text);
      }
      return cursor;
    } catch (NumberFormatException e) {
      throw Cursors.unknown(text);
    }
  }
}
