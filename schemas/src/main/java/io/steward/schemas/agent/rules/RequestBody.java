package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/// Reads the body of a request: strict JSON, and only text that can be stored and sent again.
public final class RequestBody {
  /// The longest text, in characters: one base64 text may fill a body of 32 MB.
  private static final int TEXT_CHARS_MAX = 34 * 1024 * 1024;

  /// Objects and arrays inside one another: less than what can be read again anywhere else.
  private static final int DEPTH_MAX = 200;

  /// Keys, values and brackets: a tree costs far more memory than its text.
  private static final int TOKENS_MAX = 300_000;

  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(TEXT_CHARS_MAX)
                          .maxNestingDepth(DEPTH_MAX)
                          .maxTokenCount(TOKENS_MAX)
                          .build())
                  .build())
          .build()
          .readerFor(JsonNode.class)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private RequestBody() {}

  /// The JSON object in `body`.
  ///
  /// @throws ApiException when the body is empty, is not JSON, is no object, or holds text with an
  ///   unpaired surrogate or the character U+0000
  public static ObjectNode object(byte[] body) {
    JsonNode tree = tree(body);
    if (tree instanceof ObjectNode object) {
      requireText(object, "");
      return object;
    }
    throw new ApiException(
        ApiError.invalid(
            tree.isMissingNode()
                ? "The body is empty, but must be a JSON object."
                : "The body is " + Fields.shown(tree) + ", but must be a JSON object."));
  }

  private static JsonNode tree(byte[] body) {
    try {
      return READER.readTree(body);
    } catch (JsonProcessingException e) {
      // What was not quoted may be a secret.
      String cause =
          e.getOriginalMessage()
              .replaceAll(" ?\\((start marker|from ).*", "")
              .replaceAll("Unrecognized token '[^']*'", "Unrecognized token");
      throw new ApiException(ApiError.invalid("The body is not valid JSON: " + cause + "."));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireText(JsonNode node, String path) {
    if (node.isTextual()) {
      requireText(node.textValue(), path);
    } else if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        requireText(field.getKey(), path);
        requireText(
            field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey());
      }
    } else {
      for (int i = 0; i < node.size(); i++) {
        requireText(node.get(i), path + "." + i);
      }
    }
  }

  private static void requireText(String text, String path) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        throw new ApiException(
            ApiError.invalid(
                "%s holds the character U+%04X, which is not allowed."
                    .formatted(path.isEmpty() ? "The body" : "`" + path + "`", (int) c)));
      }
    }
  }
}
