package io.steward.harness.model.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.openai.core.JsonMissing;
import com.openai.errors.OpenAIServiceException;
import io.steward.harness.model.ProviderError;
import org.jspecify.annotations.Nullable;

/// Reads the errors of chat completions, which every server words a little differently.
final class OpenAiError {
  private static final int OK = 200;
  private static final int STATUS_MIN = 400;
  private static final int STATUS_MAX = 599;
  private static final double MILLIS_PER_SECOND = 1000;

  private OpenAiError() {}

  static ProviderError of(OpenAIServiceException e, JsonMapper mapper) {
    JsonNode error =
        e.body() instanceof JsonMissing ? MissingNode.getInstance() : mapper.valueToTree(e.body());
    String text = error.isTextual() ? error.asText() : message(error);
    return new ProviderError(status(e.statusCode(), error), type(error), text, retryAfter(e));
  }

  /// An error inside a stream may carry the status that came too late for the header.
  private static int status(int status, JsonNode error) {
    int code = error.path("code").asInt();
    return status == OK && code >= STATUS_MIN && code <= STATUS_MAX ? code : status;
  }

  private static String type(JsonNode error) {
    JsonNode code = error.path("code");
    return code.isTextual() && !code.asText().isEmpty() && !code.asText().matches("\\d+")
        ? code.asText()
        : error.path("type").asText("");
  }

  private static String message(JsonNode error) {
    JsonNode message = error.path("message");
    return message.isTextual() ? message.asText() : error.path("detail").toString();
  }

  private static @Nullable String retryAfter(OpenAIServiceException e) {
    String millis = e.headers().values("retry-after-ms").stream().findFirst().orElse(null);
    if (millis != null && millis.matches("\\d{1,9}(\\.\\d+)?")) {
      return Double.toString(Double.parseDouble(millis) / MILLIS_PER_SECOND);
    }
    return e.headers().values("retry-after").stream().findFirst().orElse(null);
  }
}
