package io.steward.harness.model.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.request.ModelRequest;

/// The body of a request. Marks for a provider's cache and what has no counterpart are left out,
/// and so are tools that may not be called: a conversation with calls needs no tools, and some
/// servers ignore a choice of none.
final class OpenAiRequest {
  private static final String NAME = "name";
  private static final String DESCRIPTION = "description";

  private OpenAiRequest() {}

  /// @param lengthField how the server calls the longest reply
  static ObjectNode body(ModelRequest request, String lengthField) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("messages", OpenAiMessages.of(request.system(), request.messages()));
    body.put(lengthField, request.maxTokens());
    body.putObject("stream_options").put("include_usage", true);
    if (request.toolsAllowed()) {
      request.tools().forEach(tool -> add(tool, body));
    }
    if (request.effort() != null) {
      body.put("reasoning_effort", request.effort());
    }
    return body;
  }

  private static void add(JsonNode tool, ObjectNode body) {
    ObjectNode function =
        body.withArray("tools").addObject().put("type", "function").putObject("function");
    function.put(NAME, tool.path(NAME).asText());
    if (tool.path(DESCRIPTION).isTextual()) {
      function.put(DESCRIPTION, tool.path(DESCRIPTION).asText());
    }
    function.set("parameters", tool.path("input_schema"));
  }
}
