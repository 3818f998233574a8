package io.steward.sessionlog.files;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.id.SessionId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file as the API shows it. Source: contract/platform.md §5.1, §5.6.
final class FileView {
  /// Selects the form of earlier SDKs.
  static final String LEGACY_BETA = "files-api-2025-04-14";

  private FileView() {}

  /// A page of the form of earlier SDKs.
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record LegacyPage(
      List<ObjectNode> data, boolean hasMore, @Nullable String firstId, @Nullable String lastId) {}

  /// What is left of a deleted file.
  record Deleted(String id, String type) {
    Deleted(String id) {
      this(id, "file_deleted");
    }
  }

  /// @param legacy whether earlier SDKs' form is wanted, which has no `expires_at`
  static ObjectNode of(StoredFile file, boolean legacy) {
    ObjectNode view = JsonNodeFactory.instance.objectNode();
    view.put("id", file.id());
    view.put("type", "file");
    view.put("filename", file.filename());
    view.put("mime_type", file.mediaType());
    view.put("size_bytes", file.sizeBytes());
    view.put("created_at", file.createdAt().toString());
    view.put("downloadable", file.downloadable());
    if (!legacy) {
      Instant expiresAt = file.expiresAt();
      view.put("expires_at", expiresAt == null ? null : expiresAt.toString());
    }
    SessionId scope = file.scope();
    if (scope == null) {
      view.putNull("scope");
    } else {
      view.putObject("scope").put("type", "session").put("id", scope.value());
    }
    return view;
  }
}
