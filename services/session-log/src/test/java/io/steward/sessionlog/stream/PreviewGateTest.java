package io.steward.sessionlog.stream;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PreviewGateTest {
  private final PreviewGate gate = new PreviewGate(PreviewGate.TYPES);
  private final List<String> shown = new ArrayList<>();

  @Test
  void previews_of_a_request_follow_its_start() {
    start("r");
    message("r", 0, "m");
    delta("r", 1, "m", "He");
    delta("r", 2, "m", "llo");

    assertEquals(List.of("+m", "m:He", "m:llo"), shown);
  }

  @Test
  void previews_that_are_early_wait_for_the_start_of_their_request() {
    message("r", 0, "m");
    delta("r", 1, "m", "He");
    start("r");
    delta("r", 2, "m", "llo");

    assertEquals(List.of("+m", "m:He", "m:llo"), shown);
  }

  @Test
  void a_connection_that_missed_the_start_shows_nothing_of_the_request() {
    message("old", 0, "m");
    end("old");
    delta("old", 1, "m", "late");
    message("new", 0, "n");
    start("new");

    assertEquals(List.of("+n"), shown);
  }

  @Test
  void what_is_held_of_an_earlier_request_makes_room() {
    for (int i = 0; i < PreviewGate.HELD_MAX; i++) {
      delta("stale", i, "m", "x");
    }
    message("r", 0, "n");
    start("r");

    assertEquals(List.of("+n"), shown);
  }

  @Test
  void more_previews_than_may_wait_are_a_gap() {
    message("r", 0, "m");
    for (int i = 1; i <= PreviewGate.HELD_MAX; i++) {
      delta("r", i, "m", "x");
    }
    start("r");
    delta("r", PreviewGate.HELD_MAX + 1, "m", "y");

    assertEquals(PreviewGate.HELD_MAX, shown.size());
    assertEquals("m:x", shown.getLast());
  }

  @Test
  void after_a_lost_preview_nothing_of_the_request_follows() {
    start("r");
    message("r", 0, "m");
    delta("r", 1, "m", "a");
    delta("r", 3, "m", "c");
    delta("r", 4, "m", "d");
    message("r", 5, "n");
    start("next");
    message("next", 0, "o");

    assertEquals(List.of("+m", "m:a", "+o"), shown);
  }

  @Test
  void a_preview_written_twice_is_shown_once() {
    start("r");
    message("r", 0, "m");
    message("r", 0, "m");
    delta("r", 1, "m", "a");
    delta("r", 1, "m", "a");

    assertEquals(List.of("+m", "m:a"), shown);
  }

  @Test
  void nothing_follows_the_buffered_event() {
    start("r");
    message("r", 0, "m");
    delivered(new SessionEvent.AgentMessage("m", List.of(), T0));
    delta("r", 1, "m", "late");
    message("r", 2, "m");

    assertEquals(List.of("+m"), shown);
  }

  @Test
  void a_buffered_event_that_was_first_is_not_announced_any_more() {
    start("r");
    delivered(new SessionEvent.AgentMessage("m", List.of(), T0));
    message("r", 0, "m");
    delta("r", 1, "m", "late");

    assertEquals(List.of(), shown);
  }

  @Test
  void nothing_follows_the_end_of_the_request() {
    start("r");
    message("r", 0, "m");
    end("r");
    delta("r", 1, "m", "late");
    start("next");

    assertEquals(List.of("+m"), shown);
  }

  @Test
  void only_what_was_asked_for_is_shown() {
    PreviewGate messages = new PreviewGate(Set.of("agent.message"));
    messages.delivered(new SessionEvent.SpanModelRequestStart("r", T0), false);

    assertTrue(messages.read(begins("r", 0, "agent.thinking", "t"), false).isEmpty());
    assertTrue(messages.read(begins("r", 1, "agent.message", "m"), false).isPresent());
  }

  @Test
  void thinking_has_no_deltas() {
    start("r");
    show(gate.read(begins("r", 0, "agent.thinking", "t"), false).stream().toList());
    delta("r", 1, "t", "secret");
    message("r", 2, "m");

    assertEquals(List.of("+t", "+m"), shown);
  }

  @Test
  void deltas_held_back_from_a_slow_reader_never_go_on() {
    start("r");
    message("r", 0, "m");
    delta("r", 1, "m", "a");
    show(gate.read(text("r", 2, "m", "b"), true).stream().toList());
    delta("r", 3, "m", "c");
    message("r", 4, "n");
    delta("r", 5, "n", "d");

    assertEquals(List.of("+m", "m:a", "+n", "n:d"), shown);
  }

  @Test
  void an_event_not_announced_to_a_slow_reader_has_no_deltas() {
    start("r");
    show(gate.read(begins("r", 0, "agent.message", "m"), true).stream().toList());
    delta("r", 1, "m", "a");

    assertEquals(List.of(), shown);
  }

  /// However two topics are interleaved, and whatever is lost: deltas are a prefix of the text.
  @ParameterizedTest
  @MethodSource("seeds")
  void deltas_are_a_prefix_behind_one_start(long seed) {
    RandomGenerator random = RandomGeneratorFactory.getDefault().create(seed);
    List<Runnable> events =
        List.of(
            () -> start("r"),
            () -> delivered(new SessionEvent.AgentMessage("m", List.of(), T0)),
            () -> end("r"));
    int event = 0;
    for (int sequence = 0; sequence < 10; sequence++) {
      while (event < events.size() && random.nextInt(6) == 0) {
        events.get(event++).run();
      }
      boolean pressed = random.nextInt(20) == 0;
      SessionPreview preview =
          sequence == 0
              ? begins("r", 0, "agent.message", "m")
              : text("r", sequence, "m", Integer.toString(sequence));
      if (random.nextInt(20) != 0) {
        show(gate.read(preview, pressed).stream().toList());
      }
    }

    List<String> whole = new ArrayList<>(List.of("+m"));
    for (int sequence = 1; sequence < 10; sequence++) {
      whole.add("m:" + sequence);
    }
    assertEquals(whole.subList(0, shown.size()), shown, "seed " + seed);
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  private void start(String request) {
    delivered(new SessionEvent.SpanModelRequestStart(request, T0));
  }

  private void end(String request) {
    delivered(
        new SessionEvent.SpanModelRequestEnd(
            "end", request, false, new RequestUsage(0, 0, 0, 0), T0));
  }

  private void message(String request, int sequence, String id) {
    show(gate.read(begins(request, sequence, "agent.message", id), false).stream().toList());
  }

  private void delta(String request, int sequence, String id, String text) {
    show(gate.read(text(request, sequence, id, text), false).stream().toList());
  }

  private void delivered(SessionEvent event) {
    show(gate.delivered(event, false));
  }

  private void show(List<PreviewFrame> frames) {
    for (PreviewFrame frame : frames) {
      shown.add(
          switch (frame) {
            case PreviewFrame.EventStart start -> "+" + start.eventId();
            case PreviewFrame.EventDelta delta ->
                delta.eventId() + ":" + delta.delta().content().text();
          });
    }
  }

  private static SessionPreview begins(String request, int sequence, String type, String id) {
    return new SessionPreview(
        ID, request, sequence, new PreviewFrame.EventStart(new PreviewFrame.Announced(type, id)));
  }

  private static SessionPreview text(String request, int sequence, String id, String text) {
    return new SessionPreview(
        ID, request, sequence, new PreviewFrame.EventDelta(id, PreviewFrame.Delta.of(text, 0)));
  }
}
