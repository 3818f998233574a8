package io.steward.sessionlog.resource;

import static io.steward.sessionlog.Samples.T0;

import io.steward.schemas.event.Attachment;
import io.steward.schemas.resource.SessionResource.Checkout;
import io.steward.schemas.resource.SessionResource.FileResource;
import io.steward.schemas.resource.SessionResource.RepositoryResource;
import java.time.Instant;

/// Resources that tests are made of.
public final class Resources {
  private Resources() {}

  /// A file mounted below the root of uploads.
  public static FileResource file(String id, String path) {
    return file(id, path, T0);
  }

  static FileResource file(String id, String path, Instant createdAt) {
    return new FileResource(
        id,
        "file_of_" + id,
        path,
        "/mnt/session/uploads" + path,
        new Attachment("key", "a.csv", "text/csv", 3),
        createdAt,
        createdAt);
  }

  /// A repository with a token.
  public static RepositoryResource repository(String id) {
    return new RepositoryResource(
        id,
        "https://github.com/acme/tool",
        new Checkout.Branch("main"),
        "/workspace/tool",
        "/workspace/tool",
        "sec_1",
        T0,
        T0);
  }
}
