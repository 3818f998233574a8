package io.steward.sessionlog.project;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.created;
import static io.steward.sessionlog.Samples.logged;
import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.sessionlog.project.Rows.EventRow;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsTest {
  @Test
  void each_event_of_a_send_is_a_row_in_its_order() {
    List<EventRow> rows =
        events(read(5, new SessionRecord.EventsSent(List.of(message("a"), message("b")))));

    assertEquals(List.of("a", "b"), rows.stream().map(EventRow::eventId).toList());
    assertEquals(List.of(0, 1), rows.stream().map(EventRow::index).toList());
    assertNull(rows.getFirst().processedAtNanos());
  }

  @Test
  void initial_events_are_listed_and_internal_records_are_not() {
    assertEquals(1, events(read(0, created(List.of(message("a"))))).size());
    assertEquals(0, events(read(1, new SessionRecord.ArchiveRequested(T0))).size());
    assertEquals(0, events(read(1, new SessionRecord.RetryScheduled(1, T0))).size());
  }

  @Test
  void session_deleted_is_never_listed() {
    SessionRecord deleted =
        new SessionRecord.EventRecorded(new SessionEvent.SessionDeleted("d", T0));

    assertEquals(0, events(read(3, deleted)).size());
  }

  @Test
  void a_queued_event_moves_to_its_processed_copy() {
    EventRow queued =
        events(read(5, new SessionRecord.EventsSent(List.of(message("a"))))).getFirst();
    EventRow processed =
        events(read(9, new SessionRecord.EventRecorded(message("a").processed(T0)))).getFirst();

    assertSame(processed, queued.movedBy(processed));
    assertSame(processed, processed.movedBy(queued));
  }

  @Test
  void an_event_that_is_processed_stays_where_it_is() {
    EventRow first =
        events(read(5, new SessionRecord.EventRecorded(message("a").processed(T0)))).getFirst();
    EventRow again =
        events(read(6, new SessionRecord.EventRecorded(message("a").processed(T0.plusSeconds(1)))))
            .getFirst();

    assertSame(first, first.movedBy(again));
  }

  @Test
  void a_session_with_a_waiting_message_is_unfinished_and_running() {
    Rows.SessionRow row =
        Rows.session(ID, session(new SessionRecord.EventsSent(List.of(message("a")))), 2, false);

    assertTrue(row.unfinished());
    assertEquals("running", row.shown().orElseThrow().status());
  }

  @Test
  void a_session_that_waits_for_its_client_is_finished() {
    Rows.SessionRow row = Rows.session(ID, session(), 1, false);

    assertFalse(row.unfinished());
    assertEquals("idle", row.shown().orElseThrow().status());
  }

  @Test
  void a_deleted_session_is_hidden_and_unfinished_until_that_is_announced() {
    Rows.SessionRow row =
        Rows.session(ID, session(new SessionRecord.DeleteRequested(T0)), 2, false);

    assertTrue(row.deleted());
    assertTrue(row.unfinished());
    assertTrue(row.shown().isEmpty());
  }

  private static ReadRecord.Readable read(long offset, SessionRecord body) {
    LoggedRecord record = logged(offset, body);
    Envelope envelope =
        Envelope.of(
            record.recordId(), SessionRecordCodec.type(body), "/test", ID.value(), record.time());
    return new ReadRecord.Readable(
        record,
        record.recordId(),
        new RecordFormat.Decoded(envelope, false, SessionRecordCodec.json(body)),
        false);
  }

  /// A client's answer and what the harness decided without it crossed on their way to the log.
  @Test
  void times_do_not_go_back_where_two_writers_crossed() {
    Instant later = T0.plusMillis(150);
    SessionEvent early = message("a").processed(T0);

    List<Rows.EventRow> rows = Rows.events(read(7, new SessionRecord.EventRecorded(early)), later);

    assertEquals(
        Rows.events(read(7, new SessionRecord.EventRecorded(message("a").processed(later))), T0),
        rows);
  }

  private static List<Rows.EventRow> events(ReadRecord.Readable read) {
    return Rows.events(read, Instant.EPOCH);
  }
}
