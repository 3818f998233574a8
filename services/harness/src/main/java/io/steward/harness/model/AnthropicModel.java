package io.steward.harness.model;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.ObjectMappers;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.preview.PreviewFrame;
import java.time.Duration;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A [Model] behind the Messages API.
public final class AnthropicModel implements Model, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(AnthropicModel.class);
  private static final Duration KEEP_ALIVE = Duration.ofMinutes(5);

  private final AnthropicClient client;
  private final Secret apiKey;
  private final IdSource ids;
  private final JsonMapper mapper = ObjectMappers.jsonMapper();

  /// @param ids makes the ids of events whose coming is announced
  public AnthropicModel(ModelEndpoint endpoint, IdSource ids) {
    this.apiKey = endpoint.apiKey();
    this.ids = ids;
    this.client =
        AnthropicOkHttpClient.builder()
            .baseUrl(endpoint.baseUrl())
            .apiKey(endpoint.apiKey().value())
            .maxRetries(0)
            .maxIdleConnections(endpoint.connectionsMax())
            .keepAliveDuration(KEEP_ALIVE)
            .timeout(
                Timeout.builder()
                    .connect(endpoint.connect())
                    .read(endpoint.idle())
                    .write(endpoint.idle())
                    .request(endpoint.total())
                    .build())
            .build();
  }

  @Override
  public ModelOutcome ask(ModelRequest request, Consumer<PreviewFrame> previews) {
    ReplyAssembly reply = new ReplyAssembly();
    PreviewFrames frames = new PreviewFrames(ids);
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(params(request))) {
      for (RawMessageStreamEvent event : stream) {
        JsonNode json = mapper.valueToTree(event);
        frames.add(json).forEach(previews);
        reply.add(json);
      }
      return reply.outcome(frames.announced());
    } catch (AnthropicServiceException e) {
      ProviderError error = error(e);
      if (!Thread.currentThread().isInterrupted()) {
        LOG.warnf(
            "The model provider answered %d %s: %s",
            error.status(),
            error.type(),
            error.message().replace(apiKey.value(), apiKey.toString()));
      }
      return new ModelOutcome.Failed(error.classify(), reply.usage());
    } catch (AnthropicException e) {
      if (!Thread.currentThread().isInterrupted()) {
        LOG.warnf("A model request failed: %s", rootOf(e));
      }
      return new ModelOutcome.Failed(
          ModelFailure.of(
              ModelFailure.Kind.UNAVAILABLE, "The connection to the model provider failed."),
          reply.usage());
    }
  }

  @Override
  public void close() {
    client.close();
  }

  /// Everything goes through as raw JSON, so that blocks this client does not know survive.
  static MessageCreateParams params(ModelRequest request) {
    MessageCreateParams.Builder params =
        MessageCreateParams.builder()
            .model(request.model())
            .maxTokens(request.maxTokens())
            .messages(JsonValue.fromJsonNode(request.messages()));
    if (request.system() != null) {
      params.system(JsonValue.fromJsonNode(request.system()));
    }
    if (!request.tools().isEmpty()) {
      params.tools(JsonValue.fromJsonNode(request.tools()));
    }
    if (request.effort() != null) {
      params.outputConfig(
          JsonValue.fromJsonNode(
              JsonNodeFactory.instance.objectNode().put("effort", request.effort())));
    }
    if (request.speed() != null) {
      params.speed(JsonValue.from(request.speed()));
    }
    if (request.inferenceGeo() != null) {
      params.inferenceGeo(request.inferenceGeo());
    }
    return params.build();
  }

  private ProviderError error(AnthropicServiceException e) {
    JsonNode body = mapper.valueToTree(e.body());
    JsonNode error = body.path("error");
    return new ProviderError(
        e.statusCode(),
        error.path("type").asText(""),
        error.path("message").asText(""),
        e.headers().values("retry-after").stream().findFirst().orElse(null));
  }

  private static String rootOf(Throwable failure) {
    Throwable root = failure;
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return root.toString();
  }
}
