package io.steward.sessionlog.resource;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.Envelope;
import io.steward.sessionlog.files.StoredFile;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Finds the files one request names. Each is looked up once.
public final class NamedFiles {
  private final Function<String, Optional<StoredFile>> files;
  private final Instant now;
  private final Map<String, Optional<StoredFile>> found = new HashMap<>();

  public NamedFiles(Function<String, Optional<StoredFile>> files, Instant now) {
    this.files = files;
    this.now = now;
  }

  /// The file of that id. One that cannot be used is refused with `missing`.
  ///
  /// @param at where the request names it, such as `resources[0].file_id`
  /// @param missing makes the error about a file that is not there
  /// @throws ApiException as `missing` says, or 400 when the file has expired
  public StoredFile require(String at, String fileId, Function<String, ApiError> missing) {
    StoredFile file =
        found
            .computeIfAbsent(fileId, files)
            .filter(stored -> stored.workspaceId().equals(Envelope.DEFAULT_WORKSPACE))
            .orElseThrow(() ->
                new ApiException(
                    missing.apply(sentence(at, fileId, "there is no file with that id"))));
    if (file.expiredAt(now)) {
      throw new ApiException(
          ApiError.invalid(sentence(at, fileId, "that file has expired: its content is gone")));
    }
    return file;
  }

  private static String sentence(String at, String fileId, String what) {
    return "`" + at + "` is \"" + fileId + "\", but " + what + ".";
  }
}
