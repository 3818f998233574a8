package io.steward.harness.decide;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.request.Searcher;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord.SessionEnvironment;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.ToolCall;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Commands for the calls that run here: those of a sandbox, and those that go outside.
final class ToolCommands {
  private ToolCommands() {}

  /// Sends a call to whoever runs it, unless that is the client. A call that cannot be run any more
  /// has its result at once, which is still to be written.
  static Optional<SessionEvent> run(Draft draft, ToolCall call, Searcher searcher) {
    return switch (call.kind()) {
      case BUILT_IN -> {
        if (call.searchesWeb()) {
          yield search(draft, call, searcher);
        }
        yield call.runsOutside() ? fetch(draft, call) : commanded(draft, runTool(draft, call));
      }
      case MCP -> callMcp(draft, call);
      case BUILT_IN_BY_CLIENT, CUSTOM -> Optional.empty();
    };
  }

  /// Stops those of `calls` that run. A search of this harness ends by itself once its call has a
  /// result.
  static void cancel(Draft draft, List<ToolCall> calls, Searcher searcher) {
    List<String> inside = running(calls, call -> !call.runsOutside());
    if (!inside.isEmpty()) {
      draft.command(new SandboxCommand.CancelTools(draft.facts().id(), inside));
    }
    boolean searchesHere = searcher == Searcher.PROVIDER;
    List<String> outside =
        running(calls, call -> call.runsOutside() && !(searchesHere && call.searchesWeb()));
    if (!outside.isEmpty()) {
      draft.command(new EgressCommand.CancelCalls(draft.facts().id(), outside));
    }
  }

  private static List<String> running(List<ToolCall> calls, Predicate<ToolCall> where) {
    return calls.stream()
        .filter(ToolCall::runsHere)
        .filter(where)
        .filter(call -> call.state() == ToolCall.State.RUNNING)
        .map(ToolCall::id)
        .toList();
  }

  private static SandboxCommand runTool(Draft draft, ToolCall call) {
    SessionFacts facts = draft.facts();
    SessionEnvironment environment = facts.environment();
    JsonNode timeout = call.input().path("timeout_ms");
    return new SandboxCommand.RunTool(
        facts.id(),
        call.id(),
        call.name(),
        call.input(),
        environment.id(),
        environment.config(),
        timeout.isIntegralNumber() && timeout.canConvertToLong() ? timeout.longValue() : null,
        facts.mounts(),
        facts.network());
  }

  /// A server that was taken from the agent since is not called any more.
  private static Optional<SessionEvent> callMcp(Draft draft, ToolCall call) {
    SessionFacts facts = draft.facts();
    Optional<McpServer> server =
        facts.agent().mcpServers().stream()
            .filter(declared -> declared.name().equals(call.mcpServerName()))
            .findFirst();
    if (server.isEmpty()) {
      return failed(
          draft, call, "The agent has no MCP server " + call.mcpServerName() + " any more.");
    }
    return commanded(
        draft,
        new EgressCommand.CallMcpTool(
            facts.id(),
            call.id(),
            server.get().name(),
            server.get().url(),
            call.name(),
            call.input(),
            facts.vaultIds()));
  }

  private static Optional<SessionEvent> fetch(Draft draft, ToolCall call) {
    SessionFacts facts = draft.facts();
    Optional<ToolConfig.WebFetch> config =
        config(facts, ToolConfig.WEB_FETCH, ToolConfig.WebFetch.class);
    boolean known =
        config
            .map(ToolConfig.WebFetch::urlSources)
            .map(sources ->
                UrlOrigins.permit(
                    sources, facts.transcript().entries(), call.input().path("url").asText()))
            .orElse(true);
    if (!known) {
      return failed(
          draft,
          call,
          "url_not_allowed: The URL has not appeared where this agent may take URLs from.");
    }
    return commanded(
        draft,
        new EgressCommand.FetchPage(
            facts.id(),
            call.id(),
            call.input(),
            config.map(ToolConfig.WebFetch::allowedDomains).orElse(null),
            config.map(ToolConfig.WebFetch::blockedDomains).orElse(null),
            config.map(ToolConfig.WebFetch::maxContentTokens).orElse(null)));
  }

  private static Optional<SessionEvent> search(Draft draft, ToolCall call, Searcher searcher) {
    return switch (searcher) {
      case NOBODY -> failed(draft, call, "unavailable: This server has no web search any more.");
      case VAULT_PROXY -> commanded(draft, search(draft.facts(), call));
      case PROVIDER -> Optional.empty();
    };
  }

  /// What a search is asked, whoever searches.
  static EgressCommand.SearchWeb search(SessionFacts facts, ToolCall call) {
    Optional<ToolConfig.WebSearch> config =
        config(facts, ToolConfig.WEB_SEARCH, ToolConfig.WebSearch.class);
    return new EgressCommand.SearchWeb(
        facts.id(),
        call.id(),
        call.input(),
        config.map(ToolConfig.WebSearch::allowedDomains).orElse(null),
        config.map(ToolConfig.WebSearch::blockedDomains).orElse(null),
        config.map(ToolConfig.WebSearch::userLocation).orElse(null));
  }

  private static <T extends ToolConfig> Optional<T> config(
      SessionFacts facts, String name, Class<T> type) {
    return facts.agent().tools().stream()
        .filter(AgentTool.AgentToolset.class::isInstance)
        .map(AgentTool.AgentToolset.class::cast)
        .flatMap(toolset -> toolset.config(name).stream())
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst();
  }

  private static Optional<SessionEvent> commanded(Draft draft, SandboxCommand command) {
    draft.command(command);
    return Optional.empty();
  }

  private static Optional<SessionEvent> commanded(Draft draft, EgressCommand command) {
    draft.command(command);
    return Optional.empty();
  }

  private static Optional<SessionEvent> failed(Draft draft, ToolCall call, String text) {
    return Optional.of(ToolResults.error(draft, call, text));
  }
}
