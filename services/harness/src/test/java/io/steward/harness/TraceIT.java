package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.steward.harness.stage.RecordedSpans;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.harness.takeover.PartitionOwner;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.TraceContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceIT {
  private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
  private static final String SEND_ID = "b7ad6b7169203331";
  private static final TraceContext SEND =
      new TraceContext("00-" + TRACE_ID + "-" + SEND_ID + "-01", "vendor=1");

  private final RecordedSpans spans = new RecordedSpans();
  private final List<PartitionOwner> harnesses = new ArrayList<>();
  private Stage stage;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    stage = new Stage(directory, 1);
  }

  @AfterEach
  void stop() throws Exception {
    harnesses.forEach(harness -> harness.stop(Duration.ZERO));
    stage.close();
  }

  @Test
  void a_turn_is_a_part_of_the_request_that_asked_for_it() throws Exception {
    stage.trace(spans.tracing(false));
    harness();
    SessionId session = stage.create(0, "cloud", Sessions.TOOLSET);
    stage
        .model()
        .play(session.value(), Reply.bash("Secret?", "echo secret"), Reply.text("Secret!"));

    stage.say(session, "The secret is secret.", SEND);
    stage.awaitIdle(session, 1);
    Stage.await("told", () -> spans.all().size() == 4);

    SpanData turn = spans.all().getLast();
    String agent = turn.getAttributes().get(SpanKeys.AGENT_NAME);
    assertEquals("invoke_agent " + agent, turn.getName());
    assertEquals(TRACE_ID, turn.getTraceId());
    assertEquals(SEND_ID, turn.getParentSpanId());
    assertEquals("1", turn.getSpanContext().getTraceState().get("vendor"));
    assertEquals(session.value(), turn.getAttributes().get(SpanKeys.CONVERSATION));
    assertEquals("end_turn", turn.getAttributes().get(SpanKeys.STOP_REASON));
    List<SpanData> asked = spans.named("chat " + session.value());
    assertEquals(2, asked.size());
    for (SpanData model : asked) {
      assertEquals(turn.getSpanId(), model.getParentSpanId());
      assertEquals(SpanKind.CLIENT, model.getKind());
      assertEquals("anthropic", model.getAttributes().get(SpanKeys.PROVIDER));
      assertNotEquals("null", value(model, SpanKeys.OUTPUT_TOKENS));
    }
    assertEquals(
        List.of("tool_use"), asked.getFirst().getAttributes().get(SpanKeys.FINISH_REASONS));
    SpanData tool = spans.one("execute_tool bash");
    assertEquals(turn.getSpanId(), tool.getParentSpanId());
    assertEquals(SpanKind.INTERNAL, tool.getKind());
    assertEquals("bash", tool.getAttributes().get(SpanKeys.TOOL_NAME));
    assertEquals(
        List.of(RecordedSpans.traceparent(tool.getSpanContext())), stage.sandbox().traces());
    assertFalse(spans.all().toString().contains("ecret"), () -> spans.all().toString());
    assertEquals(RecordedSpans.traceparent(turn.getSpanContext()), running(session));
  }

  /// `traceparent` of the last record that says that the session runs.
  private String running(SessionId session) throws InterruptedException {
    Stage.await("running in the log", () -> !runningIn(session).isEmpty());
    return runningIn(session).getLast().map(TraceContext::traceparent).orElse("none");
  }

  private List<Optional<TraceContext>> runningIn(SessionId session) {
    return stage.log().log(session).stream()
        .filter(record ->
            record.body() instanceof SessionRecord.EventRecorded recorded
                && recorded.event().type().equals("session.status_running"))
        .map(record -> Optional.ofNullable(record.trace()))
        .toList();
  }

  @Test
  void a_turn_is_linked_to_the_one_before_and_says_what_ended_it() throws Exception {
    stage.trace(spans.tracing(false));
    harness();
    SessionId session = stage.create(0, "cloud");
    stage
        .model()
        .play(session.value(), Reply.text("one"), Reply.error(400, "invalid_request_error"));

    stage.say(session, "Hi", SEND);
    stage.awaitIdle(session, 1);
    stage.say(session, "Again");
    stage.awaitIdle(session, 2);
    Stage.await("told", () -> spans.all().size() == 4);

    SpanData first = spans.all().get(1);
    SpanData second = spans.all().get(3);
    assertEquals(1, second.getLinks().size());
    assertEquals(
        first.getSpanContext().getSpanId(),
        second.getLinks().getFirst().getSpanContext().getSpanId());
    assertFalse(second.getTraceId().equals(TRACE_ID), "it is the root of a trace of its own");
    assertEquals(StatusCode.ERROR, second.getStatus().getStatusCode());
    assertEquals("model_request_failed_error", second.getAttributes().get(SpanKeys.ERROR_TYPE));
    assertEquals("refused", spans.all().get(2).getAttributes().get(SpanKeys.ERROR_TYPE));
  }

  @Test
  void a_new_owner_goes_on_with_the_trace_of_a_turn() throws Exception {
    stage.trace(spans.tracing(false));
    PartitionOwner first = harness();
    SessionId session = stage.create(0, "cloud", Sessions.TOOLSET);
    stage.model().play(session.value(), Reply.bash("", "sleep 600"), Reply.text("Done."));
    stage.say(session, "Hi", SEND);
    Stage.await("running", () -> runs().size() == 1);
    String turnOfFirst = running(session);

    harnesses.remove(first);
    first.stop(Duration.ZERO);
    harness();
    Stage.await("commanded again", () -> runs().size() == 2);
    stage.sandbox().answer(Stage.result(runs().getFirst(), "slept"));
    stage.awaitIdle(session, 1);
    Stage.await("told", () -> spans.all().size() == 4);

    SpanData turn = spans.all().getLast();
    assertEquals(turnOfFirst, RecordedSpans.traceparent(turn.getSpanContext()));
    assertEquals(SEND_ID, turn.getParentSpanId());
    SpanData tool = spans.one("execute_tool bash");
    String called = RecordedSpans.traceparent(tool.getSpanContext());
    assertEquals(List.of(called, called), stage.sandbox().traces());
    assertEquals(turn.getSpanId(), tool.getParentSpanId());
    assertTrue(turn.getStartEpochNanos() <= tool.getStartEpochNanos());
  }

  @Test
  void content_is_shown_to_an_operator_who_wants_it() throws Exception {
    stage.trace(spans.tracing(true));
    harness();
    SessionId session = stage.create(0, "cloud", Sessions.TOOLSET);
    stage.model().play(session.value(), Reply.bash("", "echo hello"), Reply.text("Said."));

    stage.say(session, "Say hello", SEND);
    stage.awaitIdle(session, 1);
    Stage.await("told", () -> spans.all().size() == 4);

    SpanData tool = spans.one("execute_tool bash");
    assertTrue(value(tool, SpanKeys.TOOL_ARGUMENTS).contains("echo hello"));
    assertTrue(value(tool, SpanKeys.TOOL_RESULT).contains("hello"));
    SpanData last = spans.named("chat " + session.value()).getLast();
    assertTrue(value(last, SpanKeys.INPUT_MESSAGES).contains("Say hello"));
    assertTrue(value(last, SpanKeys.OUTPUT_MESSAGES).contains("Said."));
  }

  @Test
  void without_tracing_here_the_context_of_the_client_still_travels() throws Exception {
    harness();
    SessionId session = stage.create(0, "cloud", Sessions.TOOLSET);
    stage.model().play(session.value(), Reply.bash("", "echo"), Reply.text("Done."));

    stage.say(session, "Hi", SEND);
    stage.awaitIdle(session, 1);

    assertEquals(List.of(SEND.traceparent()), stage.sandbox().traces());
    assertEquals(SEND.traceparent(), running(session));
  }

  private static String value(SpanData span, AttributeKey<?> key) {
    return String.valueOf(span.getAttributes().get(key));
  }

  private List<SandboxCommand.RunTool> runs() {
    return stage.sandbox().commands(SandboxCommand.RunTool.class);
  }

  private PartitionOwner harness() throws InterruptedException {
    PartitionOwner harness = stage.harness();
    harnesses.add(harness);
    harness.start();
    Stage.await("ready", harness::isReady);
    return harness;
  }
}
