package io.steward.e2e.stage;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpHeaders;

/// One HTTP answer. The body is missing when it was not JSON; `text` is what was sent.
public record Answer(int status, HttpHeaders headers, JsonNode body, String text) {

  public String header(String name) {
    return headers.firstValue(name).orElse("");
  }

  public String errorType() {
    return body.at("/error/type").asText();
  }

  public String errorMessage() {
    return body.at("/error/message").asText();
  }

  /// The stable code of the error, if it has one.
  public String errorCode() {
    return body.at("/error/details/error_code").asText();
  }

  public String id() {
    return body.path("id").asText();
  }

  @Override
  public String toString() {
    return status + " " + text;
  }
}
