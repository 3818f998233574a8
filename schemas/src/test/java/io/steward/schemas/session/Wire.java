package io.steward.schemas.session;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.ExecutionIdentity;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.Evaluation;
import io.steward.schemas.event.Money;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.model.ListPrices;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What clients and the harness write, in the shortest form a test can say it.
final class Wire {
  static final SessionId SESSION = new SessionId("sesn_0113abcdefghijkmnopqrstu");
  static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
  static final JsonNode CLOUD = JsonNodeFactory.instance.objectNode().put("type", "cloud");
  static final JsonNode SELF_HOSTED =
      JsonNodeFactory.instance.objectNode().put("type", "self_hosted");

  static final ListPrices PRICES =
      new ListPrices(
          BigDecimal.ZERO,
          BigDecimal.valueOf(20_000),
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          null);

  private Wire() {}

  static Budget budget(long cents) {
    return Budget.limit(new Money(Long.toString(cents), Money.USD));
  }

  static SessionResource.RepositoryResource repository(String id) {
    return new SessionResource.RepositoryResource(
        id,
        "https://github.com/acme/tool",
        null,
        "/workspace/tool",
        "/workspace/tool",
        null,
        START,
        START);
  }

  static SessionResource.FileResource file(String id, String path) {
    return new SessionResource.FileResource(
        id,
        "file_01" + id,
        path,
        SessionResource.UPLOADS + path,
        new Attachment("sesn_1/files/" + id, "data.csv", "text/csv", 7),
        START,
        START);
  }

  static SessionAgent agent(String name) {
    AgentTool toolset =
        new AgentTool.AgentToolset(
            new AgentTool.DefaultConfig(true, new PermissionPolicy.AlwaysAllow()), List.of());
    return new SessionAgent(
        "agent_01A",
        1,
        name,
        null,
        "Be brief.",
        new ModelConfig("demo", new ModelConfig.Effort("high"), null, "standard"),
        List.of(toolset),
        List.of(),
        List.of(),
        null,
        ExecutionIdentity.SERVICE_ACCOUNT);
  }

  static SessionRecord.Created created(JsonNode environment, SessionEvent... initialEvents) {
    return created(environment, null, List.of(), initialEvents);
  }

  /// A session with list prices: every reply costs ten cents.
  static SessionRecord.Created created(
      JsonNode environment,
      @Nullable Budget budget,
      List<SessionResource> resources,
      SessionEvent... initialEvents) {
    return new SessionRecord.Created(
        SESSION,
        "wrkspc_default",
        agent("Coder"),
        new SessionRecord.SessionEnvironment("env_01A", environment),
        "Title",
        Map.of("team", "red"),
        resources,
        List.of(),
        List.of(initialEvents),
        budget,
        PRICES,
        Map.of(),
        START);
  }

  /// The same session, of an agent with an MCP server.
  static SessionRecord.Created withTracker(SessionRecord.Created created) {
    SessionAgent agent = created.agent();
    return new SessionRecord.Created(
        created.id(),
        created.workspaceId(),
        new SessionAgent(
            agent.id(),
            agent.version(),
            agent.name(),
            agent.description(),
            agent.system(),
            agent.model(),
            agent.tools(),
            List.of(new McpServer("tracker", "https://mcp.example.com/mcp")),
            agent.skills(),
            agent.multiagent(),
            agent.executionIdentity()),
        created.environment(),
        created.title(),
        created.metadata(),
        created.resources(),
        created.vaultIds(),
        created.initialEvents(),
        created.budget(),
        created.prices(),
        created.attachments(),
        created.createdAt());
  }

  static List<ContentBlock> text(String text) {
    return List.of(new ContentBlock.Text(text));
  }

  static SessionEvent.UserMessage message(String id) {
    return new SessionEvent.UserMessage(id, text("do " + id), null);
  }

  static SessionEvent.SystemMessage system(String id) {
    return new SessionEvent.SystemMessage(id, List.of(new ContentBlock.Text("know " + id)), null);
  }

  static SessionEvent.UserInterrupt interrupt(String id) {
    return new SessionEvent.UserInterrupt(id, null, null);
  }

  static SessionEvent.UserToolConfirmation allow(String callId) {
    return new SessionEvent.UserToolConfirmation(
        "sevt_confirm_" + callId, callId, SessionEvent.Verdict.ALLOW, null, null);
  }

  static SessionEvent.UserToolConfirmation deny(String callId) {
    return new SessionEvent.UserToolConfirmation(
        "sevt_confirm_" + callId, callId, SessionEvent.Verdict.DENY, "use staging", null);
  }

  static SessionEvent.UserCustomToolResult customResult(String callId, Instant at) {
    return new SessionEvent.UserCustomToolResult(
        "sevt_result_" + callId, callId, text("result of " + callId), null, at);
  }

  static SessionEvent.UserToolResult workerResult(String callId, Instant at) {
    return new SessionEvent.UserToolResult(
        "sevt_result_" + callId, callId, text("result of " + callId), false, at);
  }

  static SessionEvent.AgentToolResult toolResult(String callId, Instant at) {
    return new SessionEvent.AgentToolResult(
        "sevt_outcome_" + callId, callId, text("result of " + callId), false, at);
  }

  /// The result of a call that ran here, in the call's own family.
  static SessionEvent resultOf(ToolCall call, Instant at) {
    return call.kind() == ToolCall.Kind.MCP
        ? new SessionEvent.AgentMcpToolResult(
            "sevt_outcome_" + call.id(), call.id(), text("result of " + call.id()), false, at)
        : toolResult(call.id(), at);
  }

  static SessionEvent.AgentToolUse toolUse(
      String id, Evaluation.Permission permission, Instant at) {
    return new SessionEvent.AgentToolUse(
        id, "bash", input(), permission, evaluation(permission), at);
  }

  static SessionEvent.AgentMcpToolUse mcpToolUse(
      String id, Evaluation.Permission permission, Instant at) {
    return new SessionEvent.AgentMcpToolUse(
        id, "tracker", "create_issue", input(), permission, evaluation(permission), at);
  }

  private static Evaluation evaluation(Evaluation.Permission permission) {
    return switch (permission) {
      case ALLOW -> new Evaluation.AlwaysAllow();
      case ASK -> new Evaluation.AlwaysAsk();
      case DENY -> new Evaluation.Auto(new Evaluation.Judgement(permission, "high_risk"));
    };
  }

  static McpTool mcpTool() {
    return new McpTool(
        "create_issue",
        "Creates an issue.",
        JsonNodeFactory.instance.objectNode().put("type", "object"));
  }

  static SessionEvent.AgentCustomToolUse customToolUse(String id, Instant at) {
    return new SessionEvent.AgentCustomToolUse(id, "ask_team", input(), at);
  }

  static JsonNode input() {
    return JsonNodeFactory.instance.objectNode().put("command", "ls");
  }

  static SessionEvent.SessionError error(ErrorDetail.Kind kind, Instant at) {
    return new SessionEvent.SessionError(
        "sevt_error",
        new ErrorDetail(
            ErrorDetail.MODEL_OVERLOADED,
            "The model is overloaded.",
            new ErrorDetail.RetryStatus(kind)),
        at);
  }

  static RequestUsage usage() {
    return new RequestUsage(10, 5, 3, 2);
  }
}
