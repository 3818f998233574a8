package io.steward.schemas.session;

import static io.steward.schemas.session.Reply.allowed;
import static io.steward.schemas.session.Reply.asked;
import static io.steward.schemas.session.Reply.custom;
import static io.steward.schemas.session.Reply.refused;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import java.util.List;
import java.util.Map;

/// Sessions in every state and phase, several where the state alone does not say what comes next.
final class StateSamples {
  static final String SPAN = "span1";

  private StateSamples() {}

  static List<Session> all() {
    return List.of(
        Session.ABSENT,
        idle().session(),
        idle().sent(Wire.message("m1")).session(),
        idle().sent(Wire.interrupt("i1")).session(),
        calling(custom("t1"), asked("t2")).settled().session(),
        calling(custom("t1")).settled().sent(Wire.customResult("t1", Wire.START)).session(),
        calling(asked("t2")).settled().sent(Wire.allow("t2")).session(),
        called(Story.selfHosted(), allowed("t3")).settled().session(),
        needsModel().session(),
        requested().session(),
        replied("end_turn").session(),
        replied("refusal").session(),
        replied("pause_turn").session(),
        repliedWithCall(Wire.customToolUse("t1", Wire.START)).session(),
        calling(allowed("t4")).session(),
        calling(custom("t1"), asked("t2")).session(),
        called(Story.selfHosted(), allowed("t3")).session(),
        calling(refused("t4"), custom("t1")).session(),
        turnOver().session(),
        rescheduling().session(),
        archived().session(),
        idle().record(new SessionRecord.DeleteRequested(Wire.START)).session(),
        idle().record(new SessionRecord.Unrecognized("agent.dreamed", false)).session());
  }

  /// What the picture calls a state.
  static String name(Session session) {
    return switch (session) {
      case Session.Idle idle when idle.requiresAction() -> "Waiting";
      case Session.Running running -> running.phase().getClass().getSimpleName();
      case Session other -> other.getClass().getSimpleName();
    };
  }

  private static Story idle() {
    return Story.created();
  }

  private static Story requested() {
    return idle()
        .recorded(
            new SessionEvent.SessionStatusRunning("e1", Wire.START),
            new SessionEvent.SpanModelRequestStart(SPAN, Wire.START));
  }

  private static Story needsModel() {
    return idle().recorded(new SessionEvent.SessionStatusRunning("e1", Wire.START));
  }

  private static Story replied(String stopReason) {
    return requested()
        .record(
            new SessionRecord.ModelResponse(
                SPAN, "demo", List.of(Wire.input()), Map.of(), stopReason, null, Wire.usage()));
  }

  private static Story repliedWithCall(SessionEvent call) {
    return requested()
        .recorded(call)
        .record(
            new SessionRecord.ModelResponse(
                SPAN,
                "demo",
                List.of(Wire.input()),
                Map.of("toolu_1", call.id()),
                "tool_use",
                null,
                Wire.usage()));
  }

  private static Story turnOver() {
    return idle()
        .answering(new Reply.Says("Done."))
        .sent(Wire.message("m1"))
        .performed()
        .performed();
  }

  private static Story rescheduling() {
    return idle().answering(new Reply.FailsOnce()).sent(Wire.message("m1")).performed().performed();
  }

  private static Story archived() {
    return idle().record(new SessionRecord.ArchiveRequested(Wire.START));
  }

  private static Story calling(Reply.Call... calls) {
    return called(Story.created(), calls);
  }

  private static Story called(Story story, Reply.Call... calls) {
    return story.answering(new Reply.Calls(calls)).sent(Wire.message("m1")).performed().performed();
  }
}
