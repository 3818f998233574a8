package io.steward.harness.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.session.Transcript;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The tools an agent's model may call, by name: enabled built-in tools and custom tools. The web
/// tools and MCP tools are not offered yet.
public final class OfferedTools {
  private final SortedMap<String, JsonNode> definitions;
  private final Map<String, PermissionPolicy> policies;

  private OfferedTools(
      SortedMap<String, JsonNode> definitions, Map<String, PermissionPolicy> policies) {
    this.definitions = definitions;
    this.policies = policies;
  }

  public static OfferedTools of(SessionAgent agent) {
    SortedMap<String, JsonNode> definitions = new TreeMap<>();
    Map<String, PermissionPolicy> policies = new TreeMap<>();
    for (AgentTool tool : agent.tools()) {
      switch (tool) {
        case AgentTool.AgentToolset toolset -> {
          for (String name : BuiltInTools.names()) {
            if (toolset.enabled(name)) {
              definitions.put(name, BuiltInTools.definition(name));
              policies.put(name, toolset.policy(name));
            }
          }
        }
        case AgentTool.CustomTool custom -> definitions.put(custom.name(), definition(custom));
        case AgentTool.McpToolset _ -> {}
      }
    }
    return new OfferedTools(definitions, policies);
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

  /// The policy of an enabled built-in tool; empty for any other name.
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
