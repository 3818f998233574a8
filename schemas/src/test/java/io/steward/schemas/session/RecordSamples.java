package io.steward.schemas.session;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.event.CumulativeUsage;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// At least one record of every type, addressed to what [StateSamples] have open.
final class RecordSamples {
  private static final Instant AT = Wire.START.plusSeconds(30);

  private RecordSamples() {}

  static List<SessionRecord> all() {
    return Stream.of(internal(), sent(), harness().stream().map(SessionRecord.EventRecorded::new))
        .flatMap(stream -> stream)
        .map(SessionRecord.class::cast)
        .toList();
  }

  /// What the table calls a record.
  static String name(SessionRecord record) {
    return switch (record) {
      case SessionRecord.EventsSent sent -> "sent `" + sent.events().getFirst().type() + "`";
      case SessionRecord.EventRecorded(SessionEvent.SessionStatusIdle idle) ->
          idle.stopReason() instanceof StopReason.RequiresAction
              ? "`session.status_idle` (`requires_action`)"
              : "`session.status_idle` (other)";
      case SessionRecord.Unrecognized unrecognized ->
          unrecognized.mayIgnore() ? "unknown, may be ignored" : "unknown, must be known";
      case SessionRecord other -> "`" + SessionRecordCodec.type(other) + "`";
    };
  }

  private static Stream<? extends SessionRecord> internal() {
    return Stream.of(
        Wire.created(Wire.CLOUD),
        new SessionRecord.UpdateRequested(
            JsonNodeFactory.instance.textNode("New"), null, null, null, AT),
        new SessionRecord.ResourceAddRequested(Wire.file("sesrsc_2", "/a"), AT),
        new SessionRecord.ResourceUpdateRequested("sesrsc_1", "sec_1", AT),
        new SessionRecord.ResourceDeleteRequested("sesrsc_2", AT),
        new SessionRecord.RepositorySettled("sesrsc_1", "archive"),
        new SessionRecord.McpServerSettled("tracker", "https://mcp.example.com", null),
        new SessionRecord.ToolOutputKept("t4", "sesn_1/tool-results/t4", 200_000),
        new SessionRecord.ContextSummary("So far.", 1, Wire.usage()),
        new SessionRecord.ContextSummaryFailed(Wire.usage()),
        new SessionRecord.ContextExceeded(StateSamples.SPAN),
        new SessionRecord.ArchiveRequested(AT),
        new SessionRecord.DeleteRequested(AT),
        new SessionRecord.ModelResponse(
            StateSamples.SPAN,
            "demo",
            List.of(Wire.input()),
            Map.of(),
            "end_turn",
            null,
            Wire.usage()),
        new SessionRecord.RetryScheduled(1, AT),
        new SessionRecord.Unrecognized("agent.dreamed", true),
        new SessionRecord.Unrecognized("agent.dreamed", false));
  }

  private static Stream<? extends SessionRecord> sent() {
    return clients().stream().map(event -> new SessionRecord.EventsSent(List.of(event)));
  }

  private static List<SessionEvent.ClientEvent> clients() {
    return List.of(
        Wire.message("m9"),
        Wire.interrupt("i9"),
        Wire.allow("t2"),
        Wire.customResult("t1", AT),
        Wire.workerResult("t3", AT),
        Wire.system("s9"));
  }

  private static List<SessionEvent> harness() {
    StopReason asks = new StopReason.RequiresAction(List.of("t1"));
    StopReason ends = new StopReason.EndTurn();
    String thread = Wire.SESSION.primaryThreadId();
    List<SessionEvent> own =
        List.of(
            new SessionEvent.AgentMessage("e1", Wire.text("Hi"), AT),
            new SessionEvent.AgentThinking("e1", AT),
            new SessionEvent.AgentThreadContextCompacted("e1", AT),
            Wire.toolUse("t8", Permission.ALLOW, AT),
            Wire.toolResult("t4", AT),
            Wire.mcpToolUse("t10", Permission.ASK, AT),
            new SessionEvent.AgentMcpToolResult("e1", "t4", Wire.text("4"), false, AT),
            Wire.customToolUse("t9", AT),
            new SessionEvent.SessionStatusRunning("e1", AT),
            new SessionEvent.SessionStatusIdle("e1", ends, null, AT),
            new SessionEvent.SessionStatusIdle("e1", asks, null, AT),
            new SessionEvent.SessionStatusRescheduled("e1", AT),
            new SessionEvent.SessionStatusTerminated("e1", AT),
            Wire.error(ErrorDetail.Kind.RETRYING, AT),
            Wire.error(ErrorDetail.Kind.EXHAUSTED, AT),
            new SessionEvent.SessionUpdated("e1", null, null, null, null, AT),
            new SessionEvent.SessionUsage("e1", CumulativeUsage.NONE, null, AT),
            new SessionEvent.SessionDeleted("e1", AT),
            new SessionEvent.SessionThreadStatusRunning("e1", thread, "Coder", AT),
            new SessionEvent.SessionThreadStatusIdle("e1", thread, "Coder", ends, null, AT),
            new SessionEvent.SessionThreadStatusRescheduled("e1", thread, "Coder", AT),
            new SessionEvent.SessionThreadStatusTerminated("e1", thread, "Coder", AT),
            new SessionEvent.SpanModelRequestStart("e1", AT),
            new SessionEvent.SpanModelRequestEnd(
                "e1", StateSamples.SPAN, false, RequestUsage.NONE, AT));
    Stream<SessionEvent> processed =
        clients().stream().map(event -> event.processed(AT)).map(SessionEvent.class::cast);
    return Stream.concat(processed, own.stream()).toList();
  }
}
