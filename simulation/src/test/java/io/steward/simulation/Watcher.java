package io.steward.simulation;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.sessionlog.stream.SimulatedStream;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// An open stream of one session that shows previews: events and previews come over different
/// topics, in any order between them.
final class Watcher {
  private static final int RECORDS_MAX = 10;

  private final World world;
  private final SessionId session;
  private final SimulatedStream stream;
  private final Set<String> delivered = new HashSet<>();
  private final Set<String> announced = new HashSet<>();

  Watcher(World world, Node node, SessionId session) {
    this.world = world;
    this.session = session;
    this.stream = new SimulatedStream(!world.has(SeededBug.PREVIEW_AFTER_MESSAGE));
    PartitionLog events = world.kafka().log(Topics.SESSION_EVENTS, session.partition());
    PartitionLog previews = world.kafka().log(Topics.SESSION_PREVIEWS, session.partition());
    node.spawn("stream", () -> follow(events, true));
    node.spawn("previews", () -> follow(previews, false));
  }

  private void follow(PartitionLog log, boolean events) {
    long position = 0;
    while (true) {
      long from = position;
      world.schedule().await(() -> (events ? log.stable() : log.end()) > from);
      PartitionLog.Fetched fetched =
          log.fetch(position, true, 1 + world.schedule().random().nextInt(RECORDS_MAX));
      position = fetched.position();
      for (ConsumerRecord<String, byte[]> record : fetched.records()) {
        if (events) {
          event(world.truth().decoded(record));
        } else if (record.key().equals(session.value())) {
          stream.read(preview(record)).forEach(this::show);
        }
      }
    }
  }

  private static SessionPreview preview(ConsumerRecord<String, byte[]> record) {
    try {
      return Json.read(World.FORMAT.decode(record).json(), SessionPreview.class);
    } catch (UnreadableRecordException e) {
      throw new IllegalStateException(e);
    }
  }

  private void event(LoggedRecord record) {
    if (record.sessionId().equals(session)
        && record.body() instanceof SessionRecord.EventRecorded(SessionEvent event)) {
      delivered.add(event.id());
      stream.delivered(event).forEach(this::show);
    }
  }

  private void show(PreviewFrame frame) {
    String id = frame.eventId();
    Violation.unless(!delivered.contains(id), "a preview is shown behind its message", frame);
    if (frame instanceof PreviewFrame.EventStart) {
      announced.add(id);
    }
    Violation.unless(announced.contains(id), "a preview is shown without its start", frame);
  }
}
