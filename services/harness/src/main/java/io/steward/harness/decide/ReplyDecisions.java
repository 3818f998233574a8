package io.steward.harness.decide;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.request.OfferedTools;
import io.steward.harness.request.Searcher;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.Evaluation;
import io.steward.schemas.event.Evaluation.Permission;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.KeptOutputs;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.ToolCall;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a model's reply and the results of its tool calls write.
public final class ReplyDecisions {
  private static final String REFUSAL = "refusal";

  private final IdSource ids;
  private final Searcher searcher;

  public ReplyDecisions(IdSource ids, Searcher searcher) {
    this.ids = ids;
    this.searcher = searcher;
  }

  /// The events of a reply in the order of its blocks, then what the log keeps for the model, then
  /// the end of the request; calls that may run are commanded in the same transaction.
  ///
  /// @param spanId the request that was answered
  public Decision replied(Live live, String spanId, ModelOutcome.Replied reply, Instant now) {
    Draft draft = new Draft(live, ids, now);
    boolean refused = reply.stopReason().equals(REFUSAL);
    OfferedTools offered = OfferedTools.of(live.facts(), searcher);
    Map<String, String> toolUseIds = new LinkedHashMap<>();
    List<SessionEvent> denied = new ArrayList<>();
    int index = 0;
    for (List<JsonNode> group : groups(reply.content())) {
      JsonNode first = group.getFirst();
      String announced = reply.eventIds().get(index);
      String eventId = announced == null ? draft.eventId() : announced;
      index += group.size();
      switch (type(first)) {
        case "text" -> message(draft, eventId, group);
        case "thinking", "redacted_thinking" ->
            draft.event(new SessionEvent.AgentThinking(eventId, draft.time()));
        case "tool_use" -> {
          if (!refused) {
            toolUseIds.put(first.path("id").asText(), eventId);
            call(draft, offered, eventId, first, reply).ifPresent(denied::add);
          }
        }
        default -> {}
      }
    }
    draft.record(
        new SessionRecord.ModelResponse(
            spanId,
            live.facts().agent().model().id(),
            refused ? withoutCalls(reply.content()) : reply.content(),
            toolUseIds,
            reply.stopReason(),
            reply.stopDetails(),
            reply.usage()));
    draft.modelRequestEnd(spanId, false, reply.usage());
    denied.forEach(draft::event);
    return draft.done();
  }

  /// Results of calls that ran here.
  ///
  /// @param calls those that were awaited
  public Decision toolsAnswered(
      Live live, List<ToolCall> calls, List<ToolResult> results, Instant now) {
    Draft draft = new Draft(live, ids, now);
    for (ToolResult result : results) {
      calls.stream()
          .filter(call -> call.id().equals(result.toolUseId()))
          .findFirst()
          .ifPresent(call -> answered(draft, call, result));
    }
    return draft.done();
  }

  private static void answered(Draft draft, ToolCall call, ToolResult result) {
    List<ContentBlock> content = new ArrayList<>(result.content());
    ToolResult.Kept kept = result.kept();
    if (kept != null) {
      draft.record(new SessionRecord.ToolOutputKept(call.id(), kept.blobKey(), kept.sizeBytes()));
      content.add(new ContentBlock.Text(whereTheRestIs(draft, call, kept)));
    }
    draft.event(ToolResults.of(draft, call.kind(), call.id(), content, result.isError()));
  }

  private static String whereTheRestIs(Draft draft, ToolCall call, ToolResult.Kept kept) {
    String cut =
        "[Only the beginning is shown: the whole result has " + kept.chars() + " characters";
    return draft.facts().environment().selfHosted()
        ? cut + ".]"
        : cut + " and is in the file " + KeptOutputs.path(call.id()) + " of the sandbox.]";
  }

  /// The event of a call, and the command or the error result that follows from its permission.
  private Optional<SessionEvent> call(
      Draft draft,
      OfferedTools offered,
      String eventId,
      JsonNode block,
      ModelOutcome.Replied reply) {
    String name = block.path("name").asText();
    JsonNode input = block.path("input");
    if (offered.isCustom(name)) {
      draft.event(new SessionEvent.AgentCustomToolUse(eventId, name, input, draft.time()));
      return Optional.empty();
    }
    Evaluation.@Nullable Judgement judgement = reply.judgements().get(block.path("id").asText());
    Optional<Evaluation> evaluation =
        offered.policy(name).map(policy -> evaluate(policy, judgement));
    Permission permission = evaluation.map(ReplyDecisions::permission).orElse(Permission.DENY);
    Optional<OfferedTools.McpCall> mcp = offered.mcpTool(name);
    draft.event(
        mcp.<SessionEvent>map(tool ->
                new SessionEvent.AgentMcpToolUse(
                    eventId,
                    tool.server(),
                    tool.tool(),
                    input,
                    permission,
                    evaluation.orElse(null),
                    draft.time()))
            .orElseGet(() ->
                new SessionEvent.AgentToolUse(
                    eventId, name, input, permission, evaluation.orElse(null), draft.time())));
    ToolCall call = draft.call(eventId);
    return switch (permission) {
      case ALLOW -> ToolCommands.run(draft, call, searcher);
      case ASK -> Optional.empty();
      case DENY ->
          Optional.of(
              ToolResults.error(
                  draft, call, "Permission to use " + call.name() + " has been denied."));
    };
  }

  /// A call nobody judged is for a person to decide.
  private static Evaluation evaluate(
      PermissionPolicy policy, Evaluation.@Nullable Judgement judgement) {
    return switch (policy) {
      case PermissionPolicy.AlwaysAllow _ -> new Evaluation.AlwaysAllow();
      case PermissionPolicy.AlwaysAsk _ -> new Evaluation.AlwaysAsk();
      case PermissionPolicy.Auto _ ->
          new Evaluation.Auto(
              judgement == null
                  ? new Evaluation.Judgement(Permission.ASK, "indeterminate")
                  : judgement);
    };
  }

  private static Permission permission(Evaluation evaluation) {
    return switch (evaluation) {
      case Evaluation.AlwaysAllow _ -> Permission.ALLOW;
      case Evaluation.AlwaysAsk _ -> Permission.ASK;
      case Evaluation.Auto auto -> auto.evaluatedPermission().type();
    };
  }

  private static void message(Draft draft, String eventId, List<JsonNode> blocks) {
    List<ContentBlock> texts =
        blocks.stream()
            .<ContentBlock>map(block -> new ContentBlock.Text(block.path("text").asText()))
            .toList();
    draft.event(new SessionEvent.AgentMessage(eventId, texts, draft.time()));
  }

  private static List<JsonNode> withoutCalls(List<JsonNode> content) {
    return content.stream().filter(block -> !type(block).equals("tool_use")).toList();
  }

  /// Neighbours that become one event: texts, or thinking.
  private static List<List<JsonNode>> groups(List<JsonNode> content) {
    List<List<JsonNode>> groups = new ArrayList<>();
    String previous = "";
    for (JsonNode block : content) {
      if (groups.isEmpty() || !isSameEvent(previous, type(block))) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(block);
      previous = type(block);
    }
    return groups;
  }

  /// Whether a block of type `next` goes into the event of the block right before it.
  ///
  /// @param previous type of the block before it, empty when there is none
  public static boolean isSameEvent(String previous, String next) {
    return !next.equals("tool_use") && family(next).equals(family(previous));
  }

  private static String family(String type) {
    return type.replace("redacted_", "");
  }

  private static String type(JsonNode block) {
    return block.path("type").asText();
  }
}
