package io.steward.sessionlog.send;

import io.steward.schemas.id.Ids;
import io.steward.sessionlog.log.LogWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// The ids of one send. When the same send comes again, it gets them again, in their order, so that
/// two copies of it on the log are one. For one thread at a time.
final class Attempt implements Supplier<String> {
  private final String recordId = LogWriter.newRecordId();
  private final List<String> eventIds = new ArrayList<>();
  private int used;
  private boolean doubtful;

  /// The id of the record.
  String recordId() {
    return recordId;
  }

  /// The id of the next event.
  @Override
  public String get() {
    if (used == eventIds.size()) {
      eventIds.add(Ids.random(EventParser.ID_PREFIX));
    }
    return eventIds.get(used++);
  }

  /// The send came again.
  Attempt repeated() {
    used = 0;
    return this;
  }

  /// Whether nobody can tell if the record is, or will be, on the log.
  boolean isDoubtful() {
    return doubtful;
  }

  void doubt() {
    doubtful = true;
  }

  void settle() {
    doubtful = false;
  }
}
