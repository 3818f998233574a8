package io.steward.sandbox.journal;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The journal without a database, for tests of what is built on it.
public final class InMemoryJournal implements Journal {
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final Map<String, Instant> seen = new HashMap<>();

  private record Row(
      Call call,
      String state,
      @Nullable String incarnation,
      Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable ToolResult result) {

    Entry entry() {
      if (state.equals("started")) {
        return new Entry.Started(call, String.valueOf(incarnation), startedAt);
      }
      return result == null ? new Entry.Forgotten(call) : new Entry.Finished(call, result);
    }
  }

  @Override
  public synchronized Optional<Entry> find(String toolUseId) {
    return Optional.ofNullable(rows.get(toolUseId)).map(Row::entry);
  }

  @Override
  public synchronized boolean start(Call call, String incarnation, Instant at) {
    return rows.putIfAbsent(call.toolUseId(), new Row(call, "started", incarnation, at, null, null))
        == null;
  }

  @Override
  public synchronized boolean finishUnstarted(Call call, ToolResult result, Instant at) {
    return rows.putIfAbsent(call.toolUseId(), new Row(call, "finished", null, at, at, result))
        == null;
  }

  @Override
  public synchronized boolean finish(ToolResult result, Instant at) {
    Row known = rows.get(result.toolUseId());
    boolean started = known != null && known.state().equals("started");
    rows.computeIfPresent(
        result.toolUseId(),
        (_, row) ->
            row.state().equals("started")
                ? new Row(row.call(), "finished", row.incarnation(), row.startedAt(), at, result)
                : row);
    return started;
  }

  @Override
  public synchronized void answered(String toolUseId) {
    rows.computeIfPresent(
        toolUseId,
        (_, row) ->
            row.state().equals("finished")
                ? new Row(
                    row.call(),
                    "answered",
                    row.incarnation(),
                    row.startedAt(),
                    row.finishedAt(),
                    row.result())
                : row);
  }

  @Override
  public synchronized List<Entry.Started> started(String owner) {
    return rows.values().stream()
        .filter(row -> row.call().owner().equals(owner))
        .map(Row::entry)
        .filter(Entry.Started.class::isInstance)
        .map(Entry.Started.class::cast)
        .toList();
  }

  @Override
  public synchronized List<Entry.Started> startedOf(SessionId session) {
    return rows.values().stream()
        .filter(row -> row.call().sessionId().equals(session))
        .map(Row::entry)
        .filter(Entry.Started.class::isInstance)
        .map(Entry.Started.class::cast)
        .toList();
  }

  @Override
  public synchronized List<Entry.Finished> unanswered(String owner, Instant before) {
    return rows.values().stream()
        .filter(row -> row.call().owner().equals(owner) && row.state().equals("finished"))
        .filter(row -> row.finishedAt() != null && row.finishedAt().isBefore(before))
        .map(Row::entry)
        .filter(Entry.Finished.class::isInstance)
        .map(Entry.Finished.class::cast)
        .limit(100)
        .toList();
  }

  @Override
  public synchronized void seen(String owner) {
    seen.put(owner, Instant.now());
  }

  @Override
  public synchronized List<Entry> abandoned(String by, Duration silence) {
    Instant latest = Instant.now().minus(silence);
    return rows.values().stream()
        .filter(row -> !row.call().owner().equals(by) && !row.state().equals("answered"))
        .filter(row -> seen.getOrDefault(row.call().owner(), row.startedAt()).isBefore(latest))
        .map(Row::entry)
        .toList();
  }

  @Override
  public synchronized void forget(SessionId session) {
    rows.replaceAll((_, row) ->
        row.call().sessionId().equals(session) && !row.state().equals("started")
            ? new Row(
                row.call(), "answered", row.incarnation(), row.startedAt(), row.finishedAt(), null)
            : row);
  }

  @Override
  public synchronized int removeOld(Instant before) {
    int size = rows.size();
    rows.values()
        .removeIf(row ->
            row.state().equals("answered")
                && row.finishedAt() != null
                && row.finishedAt().isBefore(before));
    return size - rows.size();
  }
}
