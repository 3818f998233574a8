package io.steward.simulation;

import io.steward.sandbox.journal.Journal;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The journal as PostgreSQL keeps it: it outlives every process. Before and after each effect
/// others may act, and the process that asked may end.
final class DurableJournal implements Journal {
  private static final int LEFT_MAX = 100;

  private final Schedule schedule;
  private final Map<String, Row> rows = new LinkedHashMap<>();

  private record Row(
      Call call,
      String incarnation,
      Instant startedAt,
      @Nullable ToolResult result,
      Instant finishedAt,
      boolean answered) {

    Entry entry() {
      return result == null
          ? new Entry.Started(call, incarnation, startedAt)
          : new Entry.Finished(call, result);
    }
  }

  DurableJournal(Schedule schedule) {
    this.schedule = schedule;
  }

  /// What a seeded bug loses.
  void lose(SessionId session) {
    rows.values().removeIf(row -> row.call().sessionId().equals(session));
  }

  @Override
  public Optional<Entry> find(String toolUseId) {
    schedule.pause();
    return Optional.ofNullable(rows.get(toolUseId)).map(Row::entry);
  }

  @Override
  public boolean start(Call call, String incarnation, Instant at) {
    schedule.pause();
    boolean unknown =
        rows.putIfAbsent(call.toolUseId(), new Row(call, incarnation, at, null, at, false)) == null;
    schedule.pause();
    return unknown;
  }

  @Override
  public boolean finishUnstarted(Call call, ToolResult result, Instant at) {
    schedule.pause();
    boolean unknown =
        rows.putIfAbsent(call.toolUseId(), new Row(call, "", at, result, at, false)) == null;
    schedule.pause();
    return unknown;
  }

  @Override
  public boolean finish(ToolResult result, Instant at) {
    schedule.pause();
    Row row = rows.get(result.toolUseId());
    boolean started = row != null && row.result() == null;
    if (row != null && started) {
      rows.put(
          result.toolUseId(),
          new Row(row.call(), row.incarnation(), row.startedAt(), result, at, false));
    }
    schedule.pause();
    return started;
  }

  @Override
  public void answered(String toolUseId) {
    schedule.pause();
    rows.computeIfPresent(
        toolUseId,
        (_, row) ->
            row.result() == null
                ? row
                : new Row(
                    row.call(),
                    row.incarnation(),
                    row.startedAt(),
                    row.result(),
                    row.finishedAt(),
                    true));
  }

  @Override
  public List<Entry.Started> startedOf(SessionId session) {
    schedule.pause();
    List<Entry.Started> started = new ArrayList<>();
    for (Row row : rows.values()) {
      if (row.call().sessionId().equals(session) && row.entry() instanceof Entry.Started entry) {
        started.add(entry);
      }
    }
    return started;
  }

  @Override
  public List<Entry.Started> started(String owner) {
    schedule.pause();
    List<Entry.Started> started = new ArrayList<>();
    for (Row row : rows.values()) {
      if (row.entry() instanceof Entry.Started entry) {
        started.add(entry);
      }
    }
    return started;
  }

  @Override
  public List<Entry.Finished> unanswered(String owner, Instant before) {
    schedule.pause();
    List<Entry.Finished> left = new ArrayList<>();
    for (Row row : rows.values()) {
      if (!row.answered()
          && row.entry() instanceof Entry.Finished entry
          && left.size() < LEFT_MAX) {
        left.add(entry);
      }
    }
    return left;
  }

  /// There is one owner, whose process comes back.
  @Override
  public void seen(String owner) {}

  @Override
  public List<Entry> abandoned(String by, Duration silence) {
    return List.of();
  }

  @Override
  public void forget(SessionId session) {
    throw new UnsupportedOperationException("no session is deleted here");
  }

  @Override
  public int removeOld(Instant before) {
    return 0;
  }
}
