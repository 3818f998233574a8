package io.steward.schemas.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/// The log of one session as a test tells it, and its fold so far. Offsets leave gaps, as those of
/// a real partition do; every record is a millisecond later than the one before.
final class Story {
  static final int TOOL_ROUNDS_MAX = 4;
  static final Step.Limits LIMITS =
      new Step.Limits(TOOL_ROUNDS_MAX, 60, 2, Duration.ofSeconds(1), Duration.ofSeconds(1));
  private static final int OFFSET_STRIDE = 3;
  private static final int STEPS_MAX = 200;

  private final List<LoggedRecord> log = new ArrayList<>();
  private final Deque<Reply> replies = new ArrayDeque<>();
  private final ScriptedHarness harness =
      new ScriptedHarness(() -> Objects.requireNonNull(replies.poll(), "no reply is scripted"));
  private Session session = Session.ABSENT;

  /// A session on an environment of ours, without initial events.
  static Story created() {
    return of(Wire.CLOUD);
  }

  /// A session whose sandbox tools run on the user's own worker.
  static Story selfHosted() {
    return of(Wire.SELF_HOSTED);
  }

  static Story of(JsonNode environment, SessionEvent... initialEvents) {
    return of(Wire.created(environment, initialEvents));
  }

  static Story of(SessionRecord.Created created) {
    return new Story().record(created);
  }

  /// One more record is read.
  Story record(SessionRecord body) {
    LoggedRecord record =
        new LoggedRecord(
            Wire.SESSION, "rec" + log.size(), (long) log.size() * OFFSET_STRIDE, now(), body);
    log.add(record);
    session = session.apply(record);
    return this;
  }

  /// A client sends, in one request.
  Story sent(SessionEvent... events) {
    return record(new SessionRecord.EventsSent(List.of(events)));
  }

  /// The harness writes.
  Story recorded(SessionEvent... events) {
    for (SessionEvent event : events) {
      record(new SessionRecord.EventRecorded(event));
    }
    return this;
  }

  /// The harness performs the next step.
  Story performed() {
    return performed(step());
  }

  /// The harness performs a step it decided earlier.
  Story performed(Step step) {
    harness.perform(session, step, now()).forEach(this::record);
    return this;
  }

  /// The model will answer so, in this order.
  Story answering(Reply... answers) {
    replies.addAll(List.of(answers));
    return this;
  }

  /// The harness performs steps until it rests, or waits for something the script does not give.
  Story settled() {
    for (int i = 0; i < STEPS_MAX; i++) {
      Step step = step();
      boolean stuck =
          step instanceof Step.Rest || (step instanceof Step.AwaitModel && replies.isEmpty());
      if (stuck) {
        return this;
      }
      performed(step);
    }
    throw new IllegalStateException("the session does not come to rest: " + step());
  }

  Step step() {
    return Step.next(session, LIMITS);
  }

  Session session() {
    return session;
  }

  Session.Idle idle() {
    return (Session.Idle) session;
  }

  Session.Running running() {
    return (Session.Running) session;
  }

  SessionFacts facts() {
    return session.known().orElseThrow();
  }

  List<LoggedRecord> log() {
    return List.copyOf(log);
  }

  /// The time of the record that comes next.
  Instant now() {
    return Wire.START.plus(Duration.ofMillis(log.size()));
  }

  /// Wire types of the public events the harness wrote after the first `from` records.
  List<String> writtenAfter(int from) {
    return log.subList(from, log.size()).stream()
        .map(LoggedRecord::body)
        .filter(SessionRecord.EventRecorded.class::isInstance)
        .map(body -> ((SessionRecord.EventRecorded) body).event().type())
        .toList();
  }

  int size() {
    return log.size();
  }
}
