package io.steward.harness.decide;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.request.Searcher;
import io.steward.harness.stage.Sessions;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// A session brought into a state by what a client sends and what the harness decides.
final class Given {
  static final Instant NOW = Instant.parse("2026-11-20T12:00:01.234Z");
  static final TurnLimits LIMITS =
      new TurnLimits(
          3,
          3,
          Duration.ofMillis(500),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          2,
          Duration.ofMinutes(1),
          Duration.ofSeconds(30));
  private static final SessionId ID = new SessionId("sesn_011111111111111111111111");

  private final AtomicInteger ids = new AtomicInteger();
  final StepDecisions steps;
  final ReplyDecisions replies;
  final McpDecisions servers;
  Session session = Session.ABSENT;
  private long offset;

  Given() {
    this(Searcher.NOBODY);
  }

  private Given(Searcher searcher) {
    steps = new StepDecisions(this::id, LIMITS, Sessions.MODELS, searcher);
    replies = new ReplyDecisions(this::id, searcher);
    servers = new McpDecisions(this::id, steps);
  }

  static Given session(String environment, AgentTool... tools) {
    return session(Searcher.NOBODY, environment, tools);
  }

  static Given session(Searcher searcher, String environment, AgentTool... tools) {
    Given given = new Given(searcher);
    return given.record(Sessions.created(ID, environment, List.of(tools)));
  }

  static Given cloudSession() {
    return session("cloud", Sessions.TOOLSET);
  }

  String id(String prefix) {
    return prefix + ids.incrementAndGet();
  }

  Live live() {
    return (Live) session;
  }

  Step next() {
    return steps.next(session);
  }

  Given record(SessionRecord body) {
    session = session.apply(new LoggedRecord(ID, id("rec_"), offset++, NOW, body));
    return this;
  }

  Given said(String text) {
    return record(new SessionRecord.EventsSent(List.of(message(text))));
  }

  Given interrupted() {
    return record(
        new SessionRecord.EventsSent(
            List.of(new SessionEvent.UserInterrupt(id("sevt_i"), null, null))));
  }

  SessionEvent message(String text) {
    return new SessionEvent.UserMessage(id("sevt_u"), List.of(new ContentBlock.Text(text)), null);
  }

  /// The decision is committed and read back.
  Given readBack(Decision decision) {
    decision.records().forEach(record -> record(record.body()));
    return this;
  }

  /// A turn has begun and the model is asked.
  Given asked() {
    said("Hi");
    return readBack(steps.startTurn(live(), (Step.StartTurn) next(), NOW));
  }

  Given replied(JsonNode... blocks) {
    String reason =
        blocks[blocks.length - 1].path("type").asText().equals("tool_use")
            ? "tool_use"
            : "end_turn";
    return readBack(
        replies.replied(live(), ((Step.AwaitModel) next()).spanId(), reply(reason, blocks), NOW));
  }

  static ModelOutcome.Replied reply(String stopReason, JsonNode... blocks) {
    return new ModelOutcome.Replied(
        List.of(blocks), Map.of(), stopReason, null, new RequestUsage(10, 2, 0, 0), Map.of());
  }

  static JsonNode text(String text) {
    return JsonNodeFactory.instance.objectNode().put("type", "text").put("text", text);
  }

  static JsonNode thinking() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "thinking")
        .put("thinking", "hm")
        .put("signature", "s");
  }

  static JsonNode call(String id, String name) {
    ObjectNode call = JsonNodeFactory.instance.objectNode();
    call.put("type", "tool_use").put("id", id).put("name", name).putObject("input");
    return call;
  }

  static List<String> types(Decision decision) {
    return decision.records().stream()
        .map(record -> SessionRecordCodec.type(record.body()))
        .toList();
  }

  static <T extends SessionEvent> List<T> events(Decision decision, Class<T> type) {
    List<T> events = new ArrayList<>();
    for (DecidedRecord record : decision.records()) {
      if (record.body() instanceof SessionRecord.EventRecorded(SessionEvent event)
          && type.isInstance(event)) {
        events.add(type.cast(event));
      }
    }
    return events;
  }
}
