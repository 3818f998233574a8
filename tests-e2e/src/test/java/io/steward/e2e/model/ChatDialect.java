package io.steward.e2e.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.OutputStream;
import java.util.Map;

/// OpenAI's chat completions, as compatible servers understand them.
record ChatDialect(String apiKey) implements Dialect {

  @Override
  public void checkHeaders(Map<String, String> headers) throws RefusedRequestException {
    if (!("Bearer " + apiKey).equals(headers.get("authorization"))) {
      throw RefusedRequestException.unauthorized("Incorrect API key provided");
    }
    for (String name : headers.keySet()) {
      RefusedRequestException.unless(
          !name.startsWith("anthropic-") && !name.equals("x-api-key"), "header of another API");
    }
  }

  @Override
  public void check(JsonNode body, Script script) throws RefusedRequestException {
    ChatRules.check(body, script);
  }

  @Override
  public JsonNode asMessages(JsonNode body) {
    return ChatTranslation.asMessages(body);
  }

  @Override
  public ReplyStream stream(OutputStream out, Script script, ModelRequest request, JsonNode body) {
    return new ChatStream(out, script, body);
  }

  @Override
  public ObjectNode errorBody(String type, String message) {
    return error(type, message);
  }

  static ObjectNode error(String type, String message) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", type)
        .putNull("param")
        .putNull("code");
    return body;
  }
}
