package io.steward.harness.model.anthropic;

import com.anthropic.backends.Backend;
import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonMissing;
import com.anthropic.core.ObjectMappers;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ModelEndpoint;
import io.steward.harness.model.PreviewFrames;
import io.steward.harness.model.ProviderError;
import io.steward.harness.model.ReplyAssembly;
import io.steward.harness.model.ReplyListener;
import io.steward.harness.request.ModelRequest;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A [ModelClient] behind the Messages API.
public final class AnthropicModelClient implements ModelClient {
  private static final Logger LOG = Logger.getLogger(AnthropicModelClient.class);
  private static final Duration KEEP_ALIVE = Duration.ofMinutes(5);

  private final AnthropicClient client;
  private final ModelEndpoint endpoint;
  private final IdSource ids;
  private final JsonMapper mapper = ObjectMappers.jsonMapper();

  private AnthropicModelClient(AnthropicClient client, ModelEndpoint endpoint, IdSource ids) {
    this.client = client;
    this.endpoint = endpoint;
    this.ids = ids;
  }

  /// A client of Anthropic or of an address that speaks the same.
  ///
  /// @param ids makes the ids of events whose coming is announced
  public static AnthropicModelClient direct(ModelEndpoint endpoint, IdSource ids) {
    AnthropicOkHttpClient.Builder builder = builder(endpoint).apiKey(endpoint.apiKeyOrNone());
    if (endpoint.baseUrl() != null) {
      builder.baseUrl(endpoint.baseUrl());
    }
    return new AnthropicModelClient(builder.build(), endpoint, ids);
  }

  /// A client of a cloud.
  static AnthropicModelClient of(Backend backend, ModelEndpoint endpoint, IdSource ids) {
    AnthropicClient client = builder(endpoint).backend(backend).build();
    return new AnthropicModelClient(client, endpoint, ids);
  }

  private static AnthropicOkHttpClient.Builder builder(ModelEndpoint endpoint) {
    return AnthropicOkHttpClient.builder()
        .maxRetries(0)
        .maxIdleConnections(endpoint.limits().connectionsMax())
        .keepAliveDuration(KEEP_ALIVE)
        .timeout(
            Timeout.builder()
                .connect(endpoint.limits().connect())
                .read(endpoint.limits().idle())
                .write(endpoint.limits().idle())
                .request(endpoint.limits().total())
                .build());
  }

  @Override
  public ModelOutcome ask(ModelRequest request, ReplyListener previews) {
    ReplyAssembly reply = new ReplyAssembly();
    PreviewFrames frames = new PreviewFrames(ids);
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(AnthropicRequest.of(request))) {
      for (RawMessageStreamEvent event : stream) {
        previews.heard();
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
            error.status(), error.type(), endpoint.masked(error.message()));
      }
      return new ModelOutcome.Failed(error.classify(), reply.usage());
    } catch (AnthropicException e) {
      return failed(e, "The connection to the model provider failed.", reply);
    } catch (Exception e) { // What fetching a cloud's credentials throws, checked or not.
      return failed(e, "The model request could not be sent.", reply);
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private ModelOutcome failed(Exception e, String message, ReplyAssembly reply) {
    if (!Thread.currentThread().isInterrupted()) {
      LOG.warnf("A model request failed: %s", endpoint.masked(rootOf(e).toString()));
    }
    return new ModelOutcome.Failed(
        ModelFailure.of(ModelFailure.Kind.UNAVAILABLE, message), reply.usage());
  }

  private ProviderError error(AnthropicServiceException e) {
    JsonNode body =
        e.body() instanceof JsonMissing // Not JSON: what a gateway says.
            ? MissingNode.getInstance()
            : mapper.valueToTree(e.body());
    JsonNode error = body.path("error");
    // A cloud's own errors have no envelope.
    String message = error.path("message").asText(body.path("message").asText(""));
    return new ProviderError(
        e.statusCode(),
        error.path("type").asText(""),
        message,
        e.headers().values("retry-after").stream().findFirst().orElse(null));
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return root;
  }
}
