package io.steward.harness.model.anthropic;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.ObjectMappers;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicException;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.harness.model.PreviewFrames;
import io.steward.harness.model.ReplyAssembly;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/// Makes the client do once what the first model request would do first: it takes a good part of a
/// second in a fresh process. Nothing leaves the machine.
public final class WarmUp implements Runnable {
  private static final Logger LOG = Logger.getLogger(WarmUp.class);

  /// Nobody listens there.
  private static final String NOWHERE = "http://127.0.0.1:1";

  private static final Duration CONNECT = Duration.ofSeconds(1);

  private static final List<String> EVENTS =
      List.of(
          """
          {"type":"message_start","message":{"id":"msg_0","type":"message","role":"assistant",\
          "model":"none","content":[],"stop_reason":null,"stop_sequence":null,\
          "usage":{"input_tokens":1,"output_tokens":1}}}\
          """,
          """
          {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\
          """,
          """
          {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}\
          """,
          """
          {"type":"content_block_stop","index":0}\
          """,
          """
          {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},\
          "usage":{"output_tokens":1}}\
          """,
          """
          {"type":"message_stop"}\
          """);

  @Override
  public void run() {
    try {
      send();
      assemble();
    } catch (JsonProcessingException | RuntimeException e) {
      LOG.debugf(e, "The warm-up did not work");
    }
  }

  private static void send() {
    ArrayNode messages = JsonNodeFactory.instance.arrayNode();
    messages.addObject().put("role", "user").put("content", "a");
    ModelRequest request =
        new ModelRequest(
            "none",
            1,
            null,
            JsonNodeFactory.instance.arrayNode(),
            true,
            messages,
            null,
            null,
            null,
            Set.of(),
            Map.of());
    AnthropicClient client =
        AnthropicOkHttpClient.builder()
            .baseUrl(NOWHERE)
            .apiKey("none")
            .maxRetries(0)
            .timeout(CONNECT)
            .build();
    try (StreamResponse<RawMessageStreamEvent> _ =
        client.messages().createStreaming(AnthropicRequest.of(request))) {
      LOG.debug("Somebody listens where nobody should");
    } catch (AnthropicException _) {
      // As expected.
    } finally {
      client.close();
    }
  }

  private static void assemble() throws JsonProcessingException {
    JsonMapper mapper = ObjectMappers.jsonMapper();
    ReplyAssembly reply = new ReplyAssembly();
    PreviewFrames frames = new PreviewFrames(prefix -> prefix);
    for (String event : EVENTS) {
      JsonNode json = mapper.valueToTree(mapper.readValue(event, RawMessageStreamEvent.class));
      frames.add(json).forEach(Json::bytes);
      reply.add(json);
    }
    reply.outcome(frames.announced());
  }
}
