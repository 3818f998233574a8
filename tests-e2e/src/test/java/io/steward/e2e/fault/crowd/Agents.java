package io.steward.e2e.fault.crowd;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.e2e.model.ScriptedModel;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.Stage;

/// The ids of the agents of a crowd.
public record Agents(String environment, String tools, String asking, String custom, String small) {
  private static final String TOOLSET = "{\"type\":\"agent_toolset_20260401\"}";
  private static final String ASKING =
      """
      {"type":"agent_toolset_20260401",
       "default_config":{"permission_policy":{"type":"always_ask"}}}
      """;
  private static final String CUSTOM =
      """
      {"type":"custom","name":"lookup","description":"Looks something up",
       "input_schema":{"type":"object","properties":{"about":{"type":"string"}}}}
      """;

  /// Makes the agents that are missing on this stage.
  public static Agents on(Stage stage) throws Exception {
    return new Agents(
        stage.environmentId(),
        stage.toolAgentId(),
        agent(stage.api(), Stage.MODEL, ASKING),
        agent(stage.api(), Stage.MODEL, TOOLSET + "," + CUSTOM),
        agent(stage.api(), ScriptedModel.SMALL_MODEL, TOOLSET));
  }

  String of(Role role) {
    return switch (role) {
      case TOOLS, PARALLEL, QUEUED, TALKING, LATE -> tools;
      case ASKING -> asking;
      case CUSTOM -> custom;
      case COMPACTING -> small;
    };
  }

  /// The body that creates a session for this role.
  String session(Role role) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    return body.put("agent", of(role)).put("environment_id", environment).toString();
  }

  private static String agent(Api api, String model, String tools) throws Exception {
    Answer answer =
        api.post(
            "/v1/agents",
            "{\"name\":\"crowd\",\"model\":\"%s\",\"tools\":[%s]}".formatted(model, tools));
    if (answer.status() != 200) {
      throw new IllegalStateException("no agent: " + answer);
    }
    return answer.id();
  }
}
