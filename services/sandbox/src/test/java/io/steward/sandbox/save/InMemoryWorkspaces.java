package io.steward.sandbox.save;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// Uses of files without a database, with a clock that [#pass] moves.
public final class InMemoryWorkspaces implements Workspaces {
  private final Heads heads;
  private final Map<SessionId, Row> rows = new HashMap<>();
  private Instant now = Instant.EPOCH;

  private record Row(
      Instant usedAt,
      long generation,
      boolean present,
      OptionalInt unusedDays,
      Optional<Long> left) {
    Row usedAt(Instant time) {
      return new Row(time, generation, true, unusedDays, left);
    }

    boolean isUnused(Instant before) {
      return present && left.isEmpty() && usedAt.isBefore(before);
    }
  }

  public InMemoryWorkspaces(Heads heads) {
    this.heads = heads;
  }

  public synchronized void pass(Duration time) {
    now = now.plus(time);
  }

  @Override
  public synchronized Use use(SessionId session) {
    Row row = row(session).usedAt(now);
    rows.put(session, row);
    return new Use(row.generation(), row.unusedDays());
  }

  private Row row(SessionId session) {
    return rows.getOrDefault(session, new Row(now, 0, true, OptionalInt.empty(), Optional.empty()));
  }

  @Override
  public synchronized void using(Collection<SessionId> sessions) {
    sessions.forEach(session -> rows.computeIfPresent(session, (_, row) -> row.usedAt(now)));
  }

  @Override
  public synchronized Map<SessionId, Long> know(Collection<SessionId> sessions) {
    sessions.forEach(session -> rows.putIfAbsent(session, row(session)));
    return sessions.stream().collect(Collectors.toMap(id -> id, id -> row(id).generation()));
  }

  @Override
  public synchronized void told(SessionId session) {
    rows.computeIfPresent(
        session,
        (_, row) ->
            new Row(
                row.usedAt(), row.generation(), row.present(), OptionalInt.empty(), row.left()));
  }

  @Override
  public synchronized List<SessionId> unused(Duration kept, int most) {
    return rows.entrySet().stream()
        .filter(entry -> entry.getValue().isUnused(now.minus(kept)))
        .sorted(Comparator.comparing(entry -> entry.getValue().usedAt()))
        .limit(most)
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public synchronized Optional<Removed> remove(SessionId session, Duration kept)
      throws IOException {
    Row row = rows.get(session);
    if (row == null || !row.isUnused(now.minus(kept))) {
      return Optional.empty();
    }
    int days = (int) Duration.between(row.usedAt(), now).toDays();
    rows.put(
        session,
        new Row(
            row.usedAt(),
            row.generation() + 1,
            false,
            OptionalInt.of(days),
            Optional.of(row.generation())));
    Optional<Heads.Head> newest = heads.find(session);
    heads.remove(session);
    return Optional.of(new Removed(row.generation(), newest, row.usedAt()));
  }

  @Override
  public synchronized Map<SessionId, Long> leftovers(int most) {
    return rows.entrySet().stream()
        .filter(entry -> entry.getValue().left().isPresent())
        .limit(most)
        .collect(
            Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().left().orElseThrow()));
  }

  @Override
  public synchronized void cleared(SessionId session) {
    Row row = Objects.requireNonNull(rows.get(session));
    rows.put(
        session,
        new Row(row.usedAt(), row.generation(), row.present(), row.unusedDays(), Optional.empty()));
  }

  @Override
  public synchronized long generation(SessionId session) {
    return row(session).generation();
  }

  @Override
  public synchronized void forget(SessionId session) {
    rows.remove(session);
  }
}
