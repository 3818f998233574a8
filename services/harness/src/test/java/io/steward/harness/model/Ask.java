package io.steward.harness.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Requests and endpoints of tests.
public final class Ask {
  public static final Secret KEY = new Secret("sk-secret-canary");

  private Ask() {}

  public static ModelEndpoint endpoint(String baseUrl) {
    return new ModelEndpoint(
        baseUrl,
        KEY,
        null,
        null,
        new ConnectionLimits(
            Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(30), 4));
  }

  public static ArrayNode json(String json) {
    return (ArrayNode) Json.tree(json.getBytes(StandardCharsets.UTF_8));
  }

  /// One that says hello.
  public static ModelRequest hello(String model) {
    return of(model, "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}]");
  }

  public static ModelRequest of(String model, String messages) {
    return request(model, null, messages, "[]", true, null, Map.of());
  }

  public static ModelRequest withFiles(String messages, Map<String, Attachment> attachments) {
    return request("m", null, messages, "[]", true, null, attachments);
  }

  public static ModelRequest request(
      String model,
      @Nullable String system,
      String messages,
      String tools,
      boolean toolsAllowed,
      @Nullable String effort,
      Map<String, Attachment> attachments) {
    ArrayNode systemBlocks = null;
    if (system != null) {
      systemBlocks = JsonNodeFactory.instance.arrayNode();
      systemBlocks.addObject().put("type", "text").put("text", system);
    }
    return new ModelRequest(
        model,
        1_000,
        systemBlocks,
        json(tools),
        toolsAllowed,
        json(messages),
        effort,
        null,
        null,
        Set.of(),
        attachments);
  }
}
