package io.steward.sessionlog.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.http.ApiKey;
import io.steward.schemas.id.SessionId;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Decides who asks, and whether that may be done. The API key is known at once; a worker's
/// credential has to be looked up.
final class Gate {
  private static final ApiError UNAUTHENTICATED =
      ApiError.unauthenticated(
          "The x-api-key or Authorization: Bearer header is missing or holds an unknown key.");
  private static final ApiError TWO_CREDENTIALS =
      ApiError.unauthenticated(
          "The request has both an x-api-key header and a worker's credential in Authorization:"
              + " Bearer; send the worker's alone.");

  private final Optional<ApiKey> key;
  private final WorkerCredentials workers;

  Gate(Optional<String> key, WorkerCredentials workers) {
    this.key = key.filter(text -> !text.isBlank()).map(ApiKey::new);
    this.workers = workers;
  }

  /// What the headers say.
  sealed interface Entry {
    record Known(Caller caller) implements Entry {}

    /// To be looked up.
    record Claimed(Credential credential) implements Entry {}

    record Refused(ApiError error) implements Entry {}
  }

  Entry entry(@Nullable String apiKeyHeader, @Nullable String authorizationHeader) {
    String bearer = ApiKey.bearer(authorizationHeader);
    Optional<Credential> claimed =
        Stream.of(Optional.ofNullable(bearer), Optional.ofNullable(apiKeyHeader))
            .flatMap(Optional::stream)
            .flatMap(text -> Credential.parse(text).stream())
            .findFirst();
    if (claimed.isPresent()) {
      return bearer != null && apiKeyHeader != null
          ? new Entry.Refused(TWO_CREDENTIALS)
          : new Entry.Claimed(claimed.get());
    }
    return key.filter(expected -> expected.admits(apiKeyHeader, authorizationHeader)).isPresent()
        ? new Entry.Known(Caller.CLIENT)
        : new Entry.Refused(UNAUTHENTICATED);
  }

  /// Whose credential it is.
  ///
  /// @throws ApiException 401 when nobody's, 503 when that cannot be told in time
  Caller find(Credential credential) {
    return workers.find(credential).orElseThrow(() -> new ApiException(UNAUTHENTICATED));
  }

  /// Lets the caller do what a route does. Of a client, this asks nobody.
  ///
  /// @param path what stands for the placeholders of the route
  /// @throws ApiException 401, 403 or 404 when the caller may not, 503 when that cannot be told
  void require(Caller caller, Route route, Map<String, String> path) {
    route
        .access()
        .refusal(caller, path)
        .ifPresent(error -> {
          throw new ApiException(error);
        });
    String session = path.get("session_id");
    if (caller instanceof Caller.EnvironmentWorker worker
        && session != null
        && SessionId.parse(session)
            .flatMap(workers::environmentOf)
            .filter(worker.environmentId()::equals)
            .isEmpty()) {
      throw Request.noSession(session);
    }
  }
}
