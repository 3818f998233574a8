package io.steward.harness.partition;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.harness.log.RecordReader.Answer;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// vault-proxy and what lies behind it: repositories, and an MCP server that changes its tools. A
/// call is run once, whatever comes.
final class Outside {
  private final Random random;
  private final Deque<EgressCommand> commands = new ArrayDeque<>();
  private final Set<String> called = new HashSet<>();

  Outside(Random random) {
    this.random = random;
  }

  void take(EgressCommand command) {
    commands.add(command);
  }

  /// What comes of the oldest command.
  Optional<Answer> answer() {
    return Optional.ofNullable(commands.poll()).flatMap(this::answer);
  }

  private Optional<Answer> answer(EgressCommand command) {
    return switch (command) {
      case EgressCommand.CloneRepository clone -> Optional.of(cloned(clone));
      case EgressCommand.ListMcpTools list ->
          Optional.of(
              random.nextBoolean()
                  ? tools(list, list.attempt(), "create_issue")
                  : failed(list, list.attempt()));
      case EgressCommand.CallMcpTool call ->
          called.add(call.toolUseId()) ? Optional.of(result(call)) : Optional.empty();
      case EgressCommand.FetchPage fetch ->
          called.add(fetch.toolUseId())
              ? Optional.of(done(fetch.sessionId(), fetch.toolUseId()))
              : Optional.empty();
      case EgressCommand.SearchWeb search ->
          called.add(search.toolUseId())
              ? Optional.of(done(search.sessionId(), search.toolUseId()))
              : Optional.empty();
      case EgressCommand.CancelCalls _, EgressCommand.ForgetSession _ -> Optional.empty();
    };
  }

  private Answer cloned(EgressCommand.CloneRepository clone) {
    boolean cloned = random.nextBoolean();
    return new Answer.Repository(
        new RepositoryResult(
            clone.sessionId(),
            clone.resourceId(),
            clone.attempt(),
            cloned ? "archive" : null,
            cloned ? null : ErrorDetail.REPOSITORY_NOT_FOUND,
            cloned ? null : "There is no such repository."));
  }

  /// Sometimes the server changes its tools afterwards, or goes away.
  private Answer result(EgressCommand.CallMcpTool call) {
    EgressCommand.ListMcpTools list =
        new EgressCommand.ListMcpTools(
            call.sessionId(), call.serverName(), call.url(), "none", List.of());
    return switch (random.nextInt(4)) {
      case 0 -> {
        commands.add(call);
        called.remove(call.toolUseId());
        yield tools(list, null, "close_issue");
      }
      case 1 -> {
        commands.add(call);
        called.remove(call.toolUseId());
        yield failed(list, null);
      }
      default -> done(call.sessionId(), call.toolUseId());
    };
  }

  static Answer done(SessionId session, String toolUseId) {
    return new Answer.Tool(
        new ToolResult(
            session,
            toolUseId,
            ToolResult.Outcome.COMPLETED,
            false,
            List.of(new ContentBlock.Text("done")),
            1));
  }

  private static Answer tools(
      EgressCommand.ListMcpTools list, @Nullable String attempt, String more) {
    List<McpTool> tools = List.of(tool("search"), tool(more));
    return new Answer.McpTools(
        new McpToolList(
            list.sessionId(), list.serverName(), list.url(), attempt, tools, null, null));
  }

  private static McpTool tool(String name) {
    return new McpTool(name, null, JsonNodeFactory.instance.objectNode().put("type", "object"));
  }

  private static Answer failed(EgressCommand.ListMcpTools list, @Nullable String attempt) {
    return new Answer.McpTools(
        new McpToolList(
            list.sessionId(),
            list.serverName(),
            list.url(),
            attempt,
            null,
            ErrorDetail.MCP_CONNECTION_FAILED,
            "The server does not answer."));
  }
}
