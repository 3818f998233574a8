package io.steward.vaultproxy.call;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult.Kept;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Texts of results that are too long for a model, whole, in the blob store. A sandbox shows them
/// as files.
public final class LongTexts {
  private static final Logger LOG = Logger.getLogger(LongTexts.class);

  private final BlobStore blobs;

  public LongTexts(BlobStore blobs) {
    this.blobs = blobs;
  }

  /// Keeps the text of a call, if there is one; keeping it twice does no harm. Empty when there is
  /// none, or the blob store does not take it: then the model has to do with the beginning.
  Optional<Kept> keep(Call call, @Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    String key = directory(call.sessionId()) + "/" + call.toolUseId();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      blobs.put(key, bytes);
      return Optional.of(new Kept(key, bytes.length, text.length()));
    } catch (IOException e) {
      LOG.warnf(
          "the whole result is not kept session_id=%s tool_use_id=%s: %s",
          call.sessionId(), call.toolUseId(), e);
      return Optional.empty();
    }
  }

  /// Removes those of a session that is gone.
  void forget(SessionId session) {
    try {
      blobs.deleteAll(directory(session));
    } catch (IOException e) {
      LOG.warnf("long results of no use not removed session_id=%s: %s", session, e);
    }
  }

  private static String directory(SessionId session) {
    return session + "/tool-results";
  }
}
