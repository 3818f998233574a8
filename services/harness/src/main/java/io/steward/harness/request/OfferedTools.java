package io.steward.harness.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.Transcript;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The tools an agent's model may call, by the name the model knows: enabled built-in tools, custom
/// tools and the tools of MCP servers.
public final class OfferedTools {
  private final SortedMap<String, JsonNode> definitions;
  private final Map<String, PermissionPolicy> policies;
  private final Map<String, McpCall> mcpTools;

  /// A tool of an MCP server.
  ///
  /// @param tool its name, as the server reports it
  public record McpCall(String server, String tool) {}

  private OfferedTools(
      SortedMap<String, JsonNode> definitions,
      Map<String, PermissionPolicy> policies,
      Map<String, McpCall> mcpTools) {
    this.definitions = definitions;
    this.policies = policies;
    this.mcpTools = mcpTools;
  }

  /// The tools of the session's agent, with those its MCP servers have told of.
  ///
  /// @param searcher nobody, and `web_search` is not among them
  public static OfferedTools of(SessionFacts facts, Searcher searcher) {
    OfferedTools offered = new OfferedTools(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    for (AgentTool tool : facts.agent().tools()) {
      switch (tool) {
        case AgentTool.AgentToolset toolset -> offered.add(toolset, searcher);
        case AgentTool.CustomTool custom ->
            offered.definitions.put(custom.name(), definition(custom));
        case AgentTool.McpToolset toolset ->
            facts.agent().mcpServers().stream()
                .filter(server -> server.name().equals(toolset.mcpServerName()))
                .forEach(server -> offered.add(toolset, facts.mcpServers().tools(server)));
      }
    }
    return offered;
  }

  /// Whether a call of the session's model can need a sandbox of ours.
  public static boolean needSandbox(SessionFacts facts) {
    return !facts.environment().selfHosted()
        && facts.agent().tools().stream()
            .anyMatch(tool ->
                tool instanceof AgentTool.AgentToolset toolset
                    && BuiltInTools.inSandbox().anyMatch(toolset::enabled));
  }

  private void add(AgentTool.AgentToolset toolset, Searcher searcher) {
    for (String name : BuiltInTools.names()) {
      boolean runs = searcher != Searcher.NOBODY || !name.equals(ToolConfig.WEB_SEARCH);
      if (runs && toolset.enabled(name)) {
        definitions.put(name, BuiltInTools.definition(name));
        policies.put(name, toolset.policy(name));
      }
    }
  }

  private void add(AgentTool.McpToolset toolset, List<McpTool> tools) {
    String server = toolset.mcpServerName();
    for (McpTool tool : tools) {
      if (!toolset.enabled(tool.name())) {
        continue;
      }
      String name = McpNames.of(server, tool.name(), definitions.keySet());
      McpDefinition.of(name, server, tool)
          .ifPresent(definition -> {
            definitions.put(name, definition);
            policies.put(name, toolset.policy(tool.name()));
            mcpTools.put(name, new McpCall(server, tool.name()));
          });
    }
  }

  /// Definitions of the tools a conversation calls, none of which may be called any more: the
  /// Messages API takes no conversation with calls but without tools.
  static ArrayNode calledIn(Transcript transcript) {
    SortedMap<String, JsonNode> called = new TreeMap<>();
    for (Transcript.Entry entry : transcript.entries()) {
      if (entry instanceof Transcript.ModelReply reply) {
        reply.content().stream()
            .filter(block -> block.path("type").asText().equals("tool_use"))
            .map(block -> block.path("name").asText())
            .forEach(name -> called.computeIfAbsent(name, OfferedTools::withdrawn));
      }
    }
    return JsonNodeFactory.instance.arrayNode().addAll(called.values());
  }

  private static JsonNode withdrawn(String name) {
    if (BuiltInTools.has(name)) {
      return BuiltInTools.definition(name).deepCopy();
    }
    ObjectNode tool = JsonNodeFactory.instance.objectNode();
    tool.put("name", name).put("description", "This tool is no longer available.");
    tool.putObject("input_schema").put("type", "object");
    return tool;
  }

  /// The tools as the Messages API wants them, in an order that depends on nothing but their names.
  ArrayNode definitions() {
    ArrayNode tools = JsonNodeFactory.instance.arrayNode();
    definitions.values().forEach(tool -> tools.add(tool.deepCopy()));
    return tools;
  }

  /// Whether the client runs the tool of that name.
  public boolean isCustom(String name) {
    return definitions.containsKey(name) && !policies.containsKey(name);
  }

  /// The tool of an MCP server that the model knows by that name; empty for any other name.
  public Optional<McpCall> mcpTool(String name) {
    return Optional.ofNullable(mcpTools.get(name));
  }

  /// The policy of an enabled tool that is not the client's; empty for any other name.
  public Optional<PermissionPolicy> policy(String name) {
    return Optional.ofNullable(policies.get(name));
  }

  /// Names of tools whose calls are judged one by one.
  Set<String> judged() {
    return policies.entrySet().stream()
        .filter(entry -> entry.getValue() instanceof PermissionPolicy.Auto)
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static ObjectNode definition(AgentTool.CustomTool custom) {
    ObjectNode tool = JsonNodeFactory.instance.objectNode();
    tool.put("name", custom.name());
    tool.put("description", custom.description());
    tool.set("input_schema", custom.inputSchema());
    return tool;
  }
}
