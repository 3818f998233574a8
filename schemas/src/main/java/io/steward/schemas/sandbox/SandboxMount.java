package io.steward.schemas.sandbox;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// Something a sandbox shows that came from outside. It has to be there before the call that names
/// it; what a later call does not name any more is to be gone.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SandboxMount.FileMount.class, name = "file"),
  @JsonSubTypes.Type(value = SandboxMount.RepositoryMount.class, name = "repository")
})
public sealed interface SandboxMount {
  /// Absolute, normalized path inside the sandbox.
  String path();

  /// A read-only file below `/mnt/session/uploads`.
  record FileMount(String path, String blobKey, long sizeBytes) implements SandboxMount {}

  /// A directory below `/workspace`, unpacked once; from then on it belongs to the agent.
  ///
  /// @param archiveKey key in the blob store of a gzipped tar
  record RepositoryMount(String path, String resourceId, String archiveKey)
      implements SandboxMount {}
}
