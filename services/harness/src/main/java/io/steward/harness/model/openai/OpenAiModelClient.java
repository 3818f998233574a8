package io.steward.harness.model.openai;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.ObjectMappers;
import com.openai.core.Timeout;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ModelEndpoint;
import io.steward.harness.model.PreviewFrames;
import io.steward.harness.model.ReplyAssembly;
import io.steward.harness.model.ReplyListener;
import io.steward.harness.request.ModelRequest;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A [ModelClient] behind chat completions.
public final class OpenAiModelClient implements ModelClient {
  private static final Logger LOG = Logger.getLogger(OpenAiModelClient.class);
  private static final Duration KEEP_ALIVE = Duration.ofMinutes(5);
  private static final String OPENAI = "https://api.openai.com";

  private final OpenAIClient client;
  private final ModelEndpoint endpoint;
  private final IdSource ids;
  private final String lengthField;
  private final JsonMapper mapper = ObjectMappers.jsonMapper();

  private OpenAiModelClient(
      OpenAIClient client, ModelEndpoint endpoint, IdSource ids, String lengthField) {
    this.client = client;
    this.endpoint = endpoint;
    this.ids = ids;
    this.lengthField = lengthField;
  }

  /// @param ids makes the ids of events whose coming is announced, and those of calls that come
  ///   without a usable one
  public static OpenAiModelClient of(ModelEndpoint endpoint, IdSource ids) {
    String baseUrl = endpoint.baseUrl() == null ? OPENAI : endpoint.baseUrl();
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(versioned(baseUrl))
            .apiKey(endpoint.apiKeyOrNone())
            .maxRetries(0)
            .maxIdleConnections(endpoint.limits().connectionsMax())
            .keepAliveDuration(KEEP_ALIVE)
            .timeout(
                Timeout.builder()
                    .connect(endpoint.limits().connect())
                    .read(endpoint.limits().idle())
                    .write(endpoint.limits().idle())
                    .request(endpoint.limits().total())
                    .build())
            .build();
    return new OpenAiModelClient(client, endpoint, ids, lengthField(baseUrl));
  }

  @Override
  public ModelOutcome ask(ModelRequest request, ReplyListener previews) {
    ReplyAssembly reply = new ReplyAssembly();
    PreviewFrames frames = new PreviewFrames(ids);
    ReplyEvents events = new ReplyEvents(ids, CallIds.in(request.messages()));
    Consumer<ObjectNode> add =
        event -> {
          frames.add(event).forEach(previews);
          reply.add(event);
        };
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(params(request))) {
      Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
      while (chunks.hasNext()) {
        ChatCompletionChunk chunk = chunks.next();
        previews.heard();
        events.of(mapper.valueToTree(chunk)).forEach(add);
      }
      events.end().forEach(add);
      return reply.outcome(frames.announced());
    } catch (OpenAIServiceException e) {
      events.end().forEach(reply::add);
      var error = OpenAiError.of(e, mapper);
      if (!Thread.currentThread().isInterrupted()) {
        LOG.warnf(
            "The model provider answered %d %s: %s",
            error.status(), error.type(), endpoint.masked(error.message()));
      }
      return new ModelOutcome.Failed(error.classify(), reply.usage());
    } catch (OpenAIException e) {
      if (!Thread.currentThread().isInterrupted()) {
        LOG.warnf("A model request failed: %s", endpoint.masked(rootOf(e).toString()));
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

  /// Everything goes as raw JSON, so that the client's idea of models and fields is no limit.
  private ChatCompletionCreateParams params(ModelRequest request) {
    ObjectNode body = OpenAiRequest.body(request, lengthField);
    ChatCompletionCreateParams.Builder params =
        ChatCompletionCreateParams.builder()
            .model(request.model())
            .messages(JsonValue.fromJsonNode(body.remove("messages")));
    for (var field : body.properties()) {
      params.putAdditionalBodyProperty(field.getKey(), JsonValue.fromJsonNode(field.getValue()));
    }
    return params.build();
  }

  private static String versioned(String baseUrl) {
    String base = baseUrl.endsWith("/") ? baseUrl.substring(0, baseUrl.length() - 1) : baseUrl;
    return base.endsWith("/v1") ? base : base + "/v1";
  }

  /// OpenAI's newer models know only the new name, most other servers only the old one.
  private static String lengthField(String baseUrl) {
    String host = URI.create(baseUrl).getHost();
    return host != null && (host.endsWith("openai.com") || host.endsWith("openai.azure.com"))
        ? "max_completion_tokens"
        : "max_tokens";
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return root;
  }
}
