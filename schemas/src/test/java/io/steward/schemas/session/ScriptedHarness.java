package io.steward.schemas.session;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopDetails;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Performs steps as the real harness does, without a model, tools or Kafka: it says which records
/// a step becomes, in their order.
final class ScriptedHarness {
  private final Supplier<Reply> model;
  private int nextId;

  ScriptedHarness(Supplier<Reply> model) {
    this.model = model;
  }

  /// The records `step` becomes when it is performed at `now`; none when there is nothing to do.
  List<SessionRecord> perform(Session session, Step step, Instant now) {
    Script script = new Script(session, now);
    switch (step) {
      case Step.Rest _ -> {}
      case Step.Announce(Announcement announcement) -> script.announce(announcement);
      case Step.AnnounceDeleted _ -> script.add(new SessionEvent.SessionDeleted(id(), now));
      case Step.StartTurn(List<SessionEvent> input, boolean callModel) -> {
        script.running();
        script.processed(input);
        if (callModel) {
          script.add(new SessionEvent.SpanModelRequestStart(id(), now));
        }
      }
      case Step.CallModel(List<SessionEvent> input) -> {
        script.processed(input);
        script.add(new SessionEvent.SpanModelRequestStart(id(), now));
      }
      case Step.AwaitModel(String spanId) -> script.answer(spanId, model.get());
      case Step.AwaitTools(List<ToolCall> calls) ->
          calls.forEach(call -> script.add(Wire.resultOf(call, now)));
      case Step.ApplyConfirmations(var confirmations, List<ToolCall> calls) -> {
        script.processed(confirmations);
        script.refuseDenied(calls);
      }
      case Step.AskClient(var confirmations, List<String> ids, boolean fromRunning) -> {
        script.processed(confirmations);
        script.idle(new StopReason.RequiresAction(ids), null, fromRunning);
      }
      case Step.Resume(var confirmations, List<ToolCall> calls) -> {
        script.processed(confirmations);
        script.running();
        script.refuseDenied(calls);
      }
      case Step.Interrupt(var interrupts, String spanId, List<ToolCall> openCalls) ->
          script.interrupt(interrupts, spanId, openCalls);
      case Step.AcknowledgeInterrupts(var interrupts) -> script.processed(interrupts);
      case Step.EndTurn(StopReason reason, StopDetails details) ->
          script.idle(reason, details, true);
      case Step.StopToolRounds _ -> script.exhausted();
      case Step.AwaitRetry _, Step.ResumeTurn _ -> script.running();
      case Step.Compact(int entries) -> {
        script.records.add(new SessionRecord.ContextSummary("So far.", entries, Wire.usage()));
        script.add(new SessionEvent.AgentThreadContextCompacted(id(), now));
      }
      case Step.StopCompactions _ -> script.exhausted();
      case Step.PauseAtBudget _ -> script.idle(new StopReason.BudgetReached(), null, true);
      case Step.AwaitRepositories await -> script.clone(await.pending());
      case Step.AwaitMcpServers await -> script.ask(await.pending());
    }
    return script.records;
  }

  private String id() {
    return "sevt_h" + nextId++;
  }

  private final class Script {
    private final List<SessionRecord> records = new ArrayList<>();
    private final Session session;
    private final Instant now;

    Script(Session session, Instant now) {
      this.session = session;
      this.now = now;
    }

    void add(SessionEvent event) {
      records.add(new SessionRecord.EventRecorded(event));
    }

    void processed(List<? extends SessionEvent> events) {
      events.forEach(event -> add(((SessionEvent.ClientEvent) event).processed(now)));
    }

    void announce(Announcement announcement) {
      add(
          switch (announcement) {
            case Announcement.Updated(var agent, var metadata, var title, var budget) ->
                new SessionEvent.SessionUpdated(id(), agent, budget, metadata, title, now);
            case Announcement.Archived _ -> new SessionEvent.SessionStatusTerminated(id(), now);
          });
    }

    void running() {
      add(new SessionEvent.SessionThreadStatusRunning(id(), facts().threadId(), "Coder", now));
      add(new SessionEvent.SessionStatusRunning(id(), now));
    }

    void idle(StopReason reason, @Nullable StopDetails details, boolean thread) {
      if (thread) {
        add(
            new SessionEvent.SessionThreadStatusIdle(
                id(), facts().threadId(), "Coder", reason, details, now));
      }
      add(new SessionEvent.SessionUsage(id(), facts().meter().usageAt(now), facts().budget(), now));
      boolean stopped =
          facts().budgetReached(now) && !(reason instanceof StopReason.RequiresAction);
      add(
          stopped
              ? new SessionEvent.SessionStatusIdle(id(), new StopReason.BudgetReached(), null, now)
              : new SessionEvent.SessionStatusIdle(id(), reason, details, now));
    }

    /// Every third clone fails.
    void clone(List<SessionResource.RepositoryResource> pending) {
      for (SessionResource.RepositoryResource repository : pending) {
        boolean fails = nextId % 3 == 0;
        records.add(new SessionRecord.RepositorySettled(repository.id(), fails ? null : "archive"));
        if (fails) {
          add(Wire.error(ErrorDetail.Kind.RETRYING, now));
        }
      }
    }

    /// Every third server fails.
    void ask(List<McpServer> pending) {
      for (McpServer server : pending) {
        boolean fails = nextId % 3 == 0;
        records.add(
            new SessionRecord.McpServerSettled(
                server.name(), server.url(), fails ? null : List.of(Wire.mcpTool())));
        if (fails) {
          add(Wire.error(ErrorDetail.Kind.RETRYING, now));
        }
      }
    }

    void interrupt(
        List<SessionEvent.UserInterrupt> interrupts,
        @Nullable String spanId,
        List<ToolCall> openCalls) {
      if (spanId != null) {
        add(new SessionEvent.SpanModelRequestEnd(id(), spanId, true, RequestUsage.NONE, now));
      }
      openCalls.forEach(call -> close(call, "interrupted"));
      processed(interrupts);
      idle(new StopReason.EndTurn(), null, true);
    }

    void refuseDenied(List<ToolCall> calls) {
      calls.stream()
          .filter(call -> call.state() == ToolCall.State.DENIED)
          .forEach(call -> close(call, "denied"));
    }

    /// An error result in the call's own family.
    void close(ToolCall call, String why) {
      String result = "sevt_" + why + "_" + call.id();
      add(
          switch (call.kind()) {
            case BUILT_IN ->
                new SessionEvent.AgentToolResult(result, call.id(), Wire.text(why), true, now);
            case MCP ->
                new SessionEvent.AgentMcpToolResult(result, call.id(), Wire.text(why), true, now);
            case BUILT_IN_BY_CLIENT ->
                new SessionEvent.UserToolResult(result, call.id(), Wire.text(why), true, now);
            case CUSTOM ->
                new SessionEvent.UserCustomToolResult(result, call.id(), Wire.text(why), true, now);
          });
    }

    void exhausted() {
      add(Wire.error(ErrorDetail.Kind.EXHAUSTED, now));
      idle(new StopReason.RetriesExhausted(), null, true);
    }

    void answer(String spanId, Reply reply) {
      switch (reply) {
        case Reply.Says(String text) -> {
          add(new SessionEvent.AgentMessage(id(), Wire.text(text), now));
          response(spanId, List.of(text(text)), Map.of(), "end_turn", null);
          end(spanId, false);
        }
        case Reply.Calls(List<Reply.Call> calls) -> tools(spanId, calls);
        case Reply.Refuses _ -> {
          response(
              spanId,
              List.of(text("No")),
              Map.of(),
              "refusal",
              StopDetails.refusal("cyber", "Against the rules."));
          end(spanId, false);
        }
        case Reply.Exceeds _ -> {
          end(spanId, true);
          records.add(new SessionRecord.ContextExceeded(spanId));
        }
        case Reply.CutOff _ -> {
          response(spanId, List.of(text("Once upon a")), Map.of(), "max_tokens", null);
          end(spanId, false);
        }
        case Reply.Pauses _ -> {
          response(spanId, List.of(text("Wait")), Map.of(), "pause_turn", null);
          end(spanId, false);
        }
        case Reply.FailsOnce _ -> {
          end(spanId, true);
          int attempt = ((Session.Running) session).failedAttempts() + 1;
          add(Wire.error(ErrorDetail.Kind.RETRYING, now));
          add(new SessionEvent.SessionStatusRescheduled(id(), now));
          records.add(
              new SessionRecord.RetryScheduled(attempt, now.plus(Duration.ofSeconds(attempt))));
        }
        case Reply.FailsForGood _ -> {
          end(spanId, true);
          exhausted();
        }
        case Reply.FailsTerminally _ -> {
          end(spanId, true);
          add(Wire.error(ErrorDetail.Kind.TERMINAL, now));
          add(new SessionEvent.SessionStatusTerminated(id(), now));
        }
      }
    }

    private void tools(String spanId, List<Reply.Call> calls) {
      List<JsonNode> content = new ArrayList<>();
      Map<String, String> ids = new HashMap<>();
      for (Reply.Call call : calls) {
        String modelId = "toolu_" + call.id();
        ids.put(modelId, call.id());
        content.add(
            JsonNodeFactory.instance.objectNode().put("type", "tool_use").put("id", modelId));
        switch (call) {
          case Reply.BuiltIn(String id, Permission permission) -> {
            add(Wire.toolUse(id, permission, now));
            if (permission == Permission.DENY) {
              add(
                  new SessionEvent.AgentToolResult(
                      "sevt_denied_" + id, id, Wire.text("denied"), true, now));
            }
          }
          case Reply.Mcp(String id, Permission permission) -> {
            add(Wire.mcpToolUse(id, permission, now));
            if (permission == Permission.DENY) {
              add(
                  new SessionEvent.AgentMcpToolResult(
                      "sevt_denied_" + id, id, Wire.text("denied"), true, now));
            }
          }
          case Reply.Custom(String id) -> add(Wire.customToolUse(id, now));
        }
      }
      response(spanId, content, ids, "tool_use", null);
      end(spanId, false);
    }

    private void response(
        String spanId,
        List<JsonNode> content,
        Map<String, String> toolUseIds,
        String stopReason,
        @Nullable StopDetails details) {
      records.add(
          new SessionRecord.ModelResponse(
              spanId, "demo", content, toolUseIds, stopReason, details, Wire.usage()));
    }

    private void end(String spanId, boolean isError) {
      add(
          new SessionEvent.SpanModelRequestEnd(
              id(), spanId, isError, isError ? RequestUsage.NONE : Wire.usage(), now));
    }

    private JsonNode text(String text) {
      return JsonNodeFactory.instance.objectNode().put("type", "text").put("text", text);
    }

    private SessionFacts facts() {
      return session.known().orElseThrow();
    }
  }
}
