package io.steward.agentconfig.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.rules.RequestBody;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// Reads bodies of requests and never keeps more of one than an agent or environment can need.
public final class Bodies {
  /// The largest body of a request, in bytes.
  static final int BYTES_MAX = 32 * 1024 * 1024;

  /// The largest body that can be an agent or environment, in bytes.
  static final int KEPT_BYTES_MAX = 2 * 1024 * 1024;

  private static final int BUFFER_BYTES = 16 * 1024;

  private Bodies() {}

  /// The JSON object in a body.
  ///
  /// @throws ApiException 413 when the body is larger than any request may be, 400 when it is
  ///   larger than an agent or environment may be or is no JSON object
  public static ObjectNode object(InputStream body) {
    return RequestBody.object(kept(body));
  }

  /// Reads a body that has nothing to say: it is empty, or a JSON object whose fields are ignored.
  ///
  /// @throws ApiException as [#object(InputStream)], but not when there is no body
  public static void nothing(InputStream body) {
    byte[] kept = kept(body);
    if (kept.length > 0) {
      RequestBody.object(kept);
    }
  }

  private static byte[] kept(InputStream body) {
    try {
      byte[] kept = body.readNBytes(KEPT_BYTES_MAX + 1);
      if (kept.length > KEPT_BYTES_MAX) {
        throw refusal(kept.length + drained(body, BYTES_MAX + 1 - kept.length));
      }
      return kept;
    } catch (IOException e) {
      throw new UncheckedIOException("the body could not be read", e);
    }
  }

  /// Reads on without keeping anything, so that the client is told the true limit.
  private static long drained(InputStream body, int bytesMax) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long count = 0;
    int read = 0;
    while (count < bytesMax && read >= 0) {
      read = body.read(buffer);
      count += Math.max(0, read);
    }
    return count;
  }

  private static ApiException refusal(long bytes) {
    return new ApiException(
        bytes > BYTES_MAX
            ? Refusals.tooLarge()
            : ApiError.invalid(
                "The body has %,d bytes, but agents and environments may have at most %,d."
                    .formatted(bytes, KEPT_BYTES_MAX)));
  }
}
