package io.steward.e2e.model;

import static io.steward.e2e.model.RefusedRequestException.unless;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/// What the real API demands of a request as a whole: headers, parameters, system prompt, marks.
final class RequestRules {
  private static final int CACHE_MARKS_MAX = 4;
  private static final Set<String> PARAMETERS =
      Set.of(
          "model",
          "messages",
          "max_tokens",
          "metadata",
          "stop_sequences",
          "stream",
          "system",
          "temperature",
          "thinking",
          "tool_choice",
          "tools",
          "top_k",
          "top_p",
          "service_tier",
          "container",
          "context_management",
          "output_config",
          "inference_geo",
          "speed",
          "cache_control");
  private static final Set<String> EFFORTS = Set.of("low", "medium", "high", "xhigh", "max");

  private final String apiKey;

  RequestRules(String apiKey) {
    this.apiKey = apiKey;
  }

  void checkHeaders(Map<String, String> headers) throws RefusedRequestException {
    String key = headers.get("x-api-key");
    String bearer = headers.get("authorization");
    if (key == null && bearer == null) {
      throw RefusedRequestException.unauthorized("x-api-key header is required");
    }
    if (!apiKey.equals(key) && !("Bearer " + apiKey).equals(bearer)) {
      throw RefusedRequestException.unauthorized("invalid x-api-key");
    }
    unless(headers.containsKey("anthropic-version"), "anthropic-version: header is required");
  }

  void check(JsonNode body, Script script) throws RefusedRequestException {
    unless(body.isObject(), "the body is not a JSON object");
    for (Iterator<String> names = body.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      unless(PARAMETERS.contains(name), name + ": Extra inputs are not permitted");
    }
    unless(isText(body.path("model")), "model: Field required");
    JsonNode maxTokens = body.path("max_tokens");
    unless(maxTokens.isIntegralNumber(), "max_tokens: Field required");
    unless(maxTokens.asLong() >= 1, "max_tokens: must be greater than or equal to 1");
    unless(body.path("stream").asBoolean(), "stream: this model only streams");
    checkThinking(body.path("thinking"), maxTokens.asLong());
    checkEffort(body.path("output_config").path("effort"));
    checkSystem(body.path("system"));
    ToolRules.check(body.path("tools"));
    ToolRules.checkChoice(body);
    MessageRules.check(body, script);
    int marks = cacheMarks(body);
    unless(
        marks <= CACHE_MARKS_MAX,
        "A maximum of 4 blocks with cache_control may be provided. Found " + marks + ".");
  }

  private static void checkThinking(JsonNode thinking, long maxTokens)
      throws RefusedRequestException {
    if (thinking.isMissingNode()) {
      return;
    }
    switch (thinking.path("type").asText()) {
      case "disabled", "adaptive" -> {}
      case "enabled" -> {
        long budget = thinking.path("budget_tokens").asLong();
        unless(budget >= 1024, "thinking.enabled.budget_tokens: must be at least 1024");
        unless(budget < maxTokens, "`max_tokens` must be greater than `thinking.budget_tokens`");
      }
      default -> throw RefusedRequestException.invalid("thinking.type: unknown");
    }
  }

  private static void checkEffort(JsonNode effort) throws RefusedRequestException {
    unless(
        effort.isMissingNode() || EFFORTS.contains(effort.asText()),
        "output_config.effort: unknown level " + effort);
  }

  private static void checkSystem(JsonNode system) throws RefusedRequestException {
    if (system.isMissingNode() || (system.isTextual() && !system.asText().isEmpty())) {
      return;
    }
    unless(system.isArray(), "system: Input should be a valid list");
    for (JsonNode block : system) {
      unless(block.path("type").asText().equals("text"), "system: only text blocks");
      unless(
          !block.path("text").asText().isBlank(), "system: text content blocks must be non-empty");
      checkMark(block);
    }
  }

  static void checkMark(JsonNode block) throws RefusedRequestException {
    JsonNode mark = block.path("cache_control");
    if (mark.isMissingNode() || mark.isNull()) {
      return;
    }
    unless(mark.path("type").asText().equals("ephemeral"), "cache_control.type: unknown");
    String ttl = mark.path("ttl").asText("5m");
    unless(ttl.equals("5m") || ttl.equals("1h"), "cache_control.ttl: unknown " + ttl);
  }

  /// How many blocks and tools carry a cache mark.
  static int cacheMarks(JsonNode node) {
    int marks = node.path("cache_control").isObject() ? 1 : 0;
    for (JsonNode child : node) {
      marks += cacheMarks(child);
    }
    return marks;
  }

  static boolean isText(JsonNode node) {
    return node.isTextual() && !node.asText().isBlank();
  }
}
