package io.steward.e2e.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.OutputStream;
import java.util.Map;
import java.util.UUID;

/// The Messages API.
record MessagesDialect(RequestRules rules) implements Dialect {

  @Override
  public void checkHeaders(Map<String, String> headers) throws RefusedRequestException {
    rules.checkHeaders(headers);
  }

  @Override
  public void check(JsonNode body, Script script) throws RefusedRequestException {
    rules.check(body, script);
  }

  @Override
  public JsonNode asMessages(JsonNode body) {
    return body;
  }

  @Override
  public ReplyStream stream(OutputStream out, Script script, ModelRequest request, JsonNode body) {
    return new MessagesStream(out, script, body.path("model").asText());
  }

  @Override
  public ObjectNode errorBody(String type, String message) {
    return error(type, message);
  }

  static ObjectNode error(String type, String message) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "error");
    body.putObject("error").put("type", type).put("message", message);
    return body.put("request_id", "req_" + UUID.randomUUID());
  }
}
