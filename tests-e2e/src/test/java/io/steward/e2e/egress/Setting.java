package io.steward.e2e.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;

/// Agents with the MCP server `tracker`, vaults with a token for it, sessions with both.
final class Setting {
  /// A field of a toolset: its calls need no approval.
  static final String ALLOWED =
      ",\"default_config\":{\"permission_policy\":{\"type\":\"always_allow\"}}";

  private Setting() {}

  /// @param config further fields of the MCP toolset, each with a comma before it
  /// @param moreTools further entries of `tools`
  static String agent(Stage stage, String url, String config, String... moreTools)
      throws Exception {
    String more = moreTools.length == 0 ? "" : "," + String.join(",", moreTools);
    Answer answer =
        stage
            .api()
            .post(
                "/v1/agents",
                """
                {"name":"calls","model":"%s",
                 "mcp_servers":[{"type":"url","name":"tracker","url":"%s"}],
                 "tools":[{"type":"mcp_toolset","mcp_server_name":"tracker"%s}%s]}
                """
                    .formatted(Stage.MODEL, url, config, more));
    assertEquals(200, answer.status(), answer.text());
    return answer.id();
  }

  /// A vault with a token for that server.
  static String vault(Stage stage, String url, String token) throws Exception {
    String vault = stage.api().post("/v1/vaults", "{\"display_name\":\"Ada\"}").id();
    Answer credential =
        stage
            .api()
            .post(
                "/v1/vaults/" + vault + "/credentials",
                "{\"auth\":{\"type\":\"static_bearer\",\"mcp_server_url\":\"%s\",\"token\":\"%s\"}}"
                    .formatted(url, token));
    assertEquals(200, credential.status(), credential.text());
    return vault;
  }

  /// A new session with these vaults, its stream open.
  static OpenSession open(Stage stage, String agentId, Script script, String... vaults)
      throws Exception {
    stage.model().play(script);
    String ids = vaults.length == 0 ? "" : "\"" + String.join("\",\"", vaults) + "\"";
    Answer created =
        stage
            .api()
            .post(
                "/v1/sessions",
                "{\"agent\":\"%s\",\"environment_id\":\"%s\",\"vault_ids\":[%s]}"
                    .formatted(agentId, stage.environmentId(), ids));
    assertEquals(200, created.status(), created.text());
    return OpenSession.attach(stage, created.id(), script);
  }
}
