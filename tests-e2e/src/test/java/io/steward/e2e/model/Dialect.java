package io.steward.e2e.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.OutputStream;
import java.util.Map;

/// A protocol in which a model is asked: what it demands, and how it words replies.
interface Dialect {
  void checkHeaders(Map<String, String> headers) throws RefusedRequestException;

  /// Holds the body against everything the protocol demands.
  void check(JsonNode body, Script script) throws RefusedRequestException;

  /// The body in the form of the Messages API, as well as it can be said there. Bodies that broke a
  /// rule have a form, too.
  JsonNode asMessages(JsonNode body);

  ReplyStream stream(OutputStream out, Script script, ModelRequest request, JsonNode body);

  ObjectNode errorBody(String type, String message);
}
