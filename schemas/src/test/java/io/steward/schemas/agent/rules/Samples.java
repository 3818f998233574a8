package io.steward.schemas.agent.rules;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.model.CatalogException;
import io.steward.schemas.model.ModelCatalog;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.function.Executable;

/// Small bodies and agents the tests begin with.
final class Samples {
  static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  static final Instant LATER = Instant.parse("2026-11-20T11:00:00Z");

  /// Serves every model with every effort, `plain` without any and `narrow` with two.
  static final ModelCatalog CATALOG =
      catalog(
          """
          providers: {a: {kind: anthropic}}
          models:
            - {id: plain, provider: a, context_window: 9, output_tokens_max: 9}
            - {id: narrow, provider: a, context_window: 9, output_tokens_max: 9, efforts: [low, max]}
            - id: "*"
              provider: a
              context_window: 9
              output_tokens_max: 9
              efforts: [low, medium, high, xhigh, max]
          """);

  private Samples() {}

  static ModelCatalog catalog(String yaml) {
    try {
      return ModelCatalog.parse(yaml);
    } catch (CatalogException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// JSON in which single quotes stand for double quotes.
  static ObjectNode body(String json) {
    return RequestBody.object(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  static JsonNode tree(Object value) {
    return Json.tree(Json.bytes(value));
  }

  static Agent agent(String moreFields) {
    return agent("agent_self", moreFields, AgentLookup.NONE);
  }

  static Agent agent(String id, String moreFields, AgentLookup lookup) {
    String comma = moreFields.isEmpty() ? "" : ",";
    return AgentRules.create(
        body("{'name':'Coder','model':'m'" + comma + moreFields + "}"), id, NOW, lookup, CATALOG);
  }

  /// Knows these agents, each in its one version.
  static AgentLookup lookup(Agent... agents) {
    Map<String, Agent> known =
        Arrays.stream(agents).collect(Collectors.toMap(Agent::id, agent -> agent));
    return (id, version) ->
        Optional.ofNullable(known.get(id))
            .filter(agent -> version == null || version == agent.version());
  }

  static ApiError refusal(Executable executable) {
    return assertThrows(ApiException.class, executable).error();
  }
}
