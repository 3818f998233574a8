package io.steward.vaultproxy.outbound;

import io.steward.vaultproxy.egress.WebUrl;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A request.
///
/// @param headers beside `Host` and `User-Agent`; they may hold secrets
/// @param body text that is sent as UTF-8; empty for none. It may hold secrets, too.
/// @param bodyBytesMax of the answer's body that are taken
/// @param reading for the head of an answer, what of its body is wanted; empty for nothing. Called
///   by the event loop.
public record PinnedRequest(
    Method method,
    WebUrl url,
    Map<String, String> headers,
    String body,
    int bodyBytesMax,
    Function<Answer.Head, Optional<Appetite>> reading) {
  public PinnedRequest {
    headers = Map.copyOf(headers);
  }

  public enum Method {
    GET,
    POST,
    DELETE
  }

  /// Nothing that may be a secret.
  @Override
  public String toString() {
    return method + " to " + url.authority();
  }
}
