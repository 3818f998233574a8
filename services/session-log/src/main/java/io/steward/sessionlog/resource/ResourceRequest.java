package io.steward.sessionlog.resource;

import io.steward.schemas.resource.SessionResource.Checkout;
import io.steward.sessionlog.secret.Secret;
import org.jspecify.annotations.Nullable;

/// A well-formed resource as a client asks for it. Whether what it names exists is not known yet.
public sealed interface ResourceRequest {
  /// Where it stands in the request, such as `resources[0]`.
  String at();

  /// Absolute and normalized.
  String sandboxPath();

  /// @param mountPath as it was given, or the default
  record OfFile(String at, String fileId, String mountPath, String sandboxPath)
      implements ResourceRequest {}

  /// @param token null for a repository anybody may read
  record OfRepository(
      String at,
      RepositoryUrl url,
      @Nullable Checkout checkout,
      String mountPath,
      String sandboxPath,
      @Nullable Secret token)
      implements ResourceRequest {}
}
