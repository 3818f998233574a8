package io.steward.agentconfig.models;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.agentconfig.Settings;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/// The service that knows the models. Waits for it, so it is called on virtual threads.
@ApplicationScoped
class ModelUpstream {
  private static final Logger LOG = Logger.getLogger(ModelUpstream.class);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(3);
  private static final int ANSWER_BYTES_MAX = 8 * 1024 * 1024;
  private static final Duration RETRY_DEFAULT = Duration.ofSeconds(5);
  private static final int SECONDS_DIGITS_MAX = 4;

  private final String baseUrl;
  private final Optional<String> apiKey;
  private final Duration timeout;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_MAX)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  @Inject
  ModelUpstream(Settings settings) {
    this(settings.model().baseUrl(), settings.model().apiKey(), settings.model().timeout());
  }

  ModelUpstream(String baseUrl, Optional<String> apiKey, Duration timeout) {
    this.baseUrl = baseUrl.replaceAll("/+$", "");
    this.apiKey = apiKey;
    this.timeout = timeout;
  }

  /// The JSON at a path below the base URL.
  ///
  /// @throws ApiException 404 or 400 as the upstream says, 429 when it is too busy, 503 when it
  ///   does not answer, 502 when it answers with something else
  JsonNode get(String pathAndQuery) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(baseUrl + pathAndQuery))
            .timeout(timeout)
            .header("accept", "application/json")
            .header("anthropic-version", "2023-06-01");
    apiKey.ifPresent(key -> request.header("x-api-key", key));
    try {
      return answer(
          client.send(
              request.build(),
              HttpResponse.BodyHandlers.limiting(
                  HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX)));
    } catch (IOException e) {
      LOG.warnf("the models upstream does not answer: %s", e);
      throw new ApiException(
          new ApiError(
              503,
              "api_error",
              "The server that knows the models does not answer; try again.",
              null,
              RETRY_DEFAULT));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(ApiError.unavailable("The service is stopping; try again."));
    }
  }

  private static JsonNode answer(HttpResponse<byte[]> response) {
    return switch (response.statusCode()) {
      case 200 -> tree(response.body()).orElseThrow(ModelUpstream::unusable);
      case 400 -> throw new ApiException(ApiError.invalid(message(response)));
      case 404 -> throw new ApiException(ApiError.notFound("There is no such model."));
      case 429, 529 ->
          throw new ApiException(
              ApiError.rateLimited(
                  "The server that knows the models is too busy.", retryAfter(response)));
      default -> {
        LOG.warnf("the models upstream answered %d", response.statusCode());
        throw new ApiException(
            new ApiError(
                502,
                "api_error",
                "The server that knows the models answered with status %d."
                    .formatted(response.statusCode()),
                null,
                RETRY_DEFAULT));
      }
    };
  }

  /// The upstream answered with something that says nothing about models.
  static ApiException unusable() {
    return new ApiException(
        new ApiError(
            502,
            "api_error",
            "The server that knows the models gave an answer that cannot be read.",
            null,
            RETRY_DEFAULT));
  }

  private static String message(HttpResponse<byte[]> response) {
    return tree(response.body())
        .map(body -> body.path("error").path("message").asText(""))
        .filter(text -> !text.isBlank())
        .orElse("The server that knows the models refused the request.");
  }

  private static Duration retryAfter(HttpResponse<byte[]> response) {
    return response
        .headers()
        .firstValue("retry-after")
        .filter(text -> text.length() <= SECONDS_DIGITS_MAX && text.matches("[0-9]+"))
        .map(text -> Duration.ofSeconds(Long.parseLong(text)))
        .orElse(RETRY_DEFAULT);
  }

  private static Optional<JsonNode> tree(byte[] body) {
    try {
      return Optional.of(Json.tree(body)).filter(tree -> !tree.isMissingNode());
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
