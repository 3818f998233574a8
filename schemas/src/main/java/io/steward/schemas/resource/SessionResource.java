package io.steward.schemas.resource;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.json.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A resource of a session, with what the API does not show. Source: contract/core.md §6.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SessionResource.FileResource.class, name = "file"),
  @JsonSubTypes.Type(value = SessionResource.RepositoryResource.class, name = "github_repository")
})
public sealed interface SessionResource {
  /// How many resources of type `file` a session may have.
  int FILES_MAX = 500;

  /// Root of mounted files inside a sandbox.
  String UPLOADS = "/mnt/session/uploads";

  /// Root of mounted repositories inside a sandbox.
  String WORKSPACE = "/workspace";

  /// `sesrsc_…`.
  String id();

  /// As the API shows it.
  String mountPath();

  Instant createdAt();

  Instant updatedAt();

  /// Absolute, normalized path inside the sandbox; no two resources of a session share one.
  String sandboxPath();

  /// The resource as the API shows it: no blob key, no name of a secret.
  JsonNode view();

  /// A file, mounted read-only.
  ///
  /// @param fileId id of the session's own copy
  /// @param sandboxPath below [#UPLOADS]
  record FileResource(
      String id,
      String fileId,
      String mountPath,
      String sandboxPath,
      Attachment attachment,
      Instant createdAt,
      Instant updatedAt)
      implements SessionResource {
    @Override
    public JsonNode view() {
      ObjectNode view = tree(this);
      view.remove("attachment");
      return view;
    }
  }

  /// A repository, cloned outside the sandbox and copied in without its token.
  ///
  /// @param sandboxPath below [#WORKSPACE]
  /// @param secretId names the sealed token at vault-proxy, or null when there is none; a new token
  ///   has a new id
  record RepositoryResource(
      String id,
      String url,
      @Nullable Checkout checkout,
      String mountPath,
      String sandboxPath,
      @Nullable String secretId,
      Instant createdAt,
      Instant updatedAt)
      implements SessionResource {
    @Override
    public JsonNode view() {
      ObjectNode view = tree(this);
      view.remove("secret_id");
      return view;
    }

    /// The same repository with a new token.
    public RepositoryResource withSecret(String newSecretId, Instant time) {
      return new RepositoryResource(
          id, url, checkout, mountPath, sandboxPath, newSecretId, createdAt, time);
    }
  }

  /// What of a repository is checked out.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Checkout.Branch.class, name = "branch"),
    @JsonSubTypes.Type(value = Checkout.Commit.class, name = "commit")
  })
  sealed interface Checkout {
    record Branch(String name) implements Checkout {}

    /// @param sha 40 hexadecimal digits
    record Commit(String sha) implements Checkout {}
  }

  private static ObjectNode tree(SessionResource resource) {
    ObjectNode view = Json.mapper().valueToTree(resource);
    view.remove("sandbox_path");
    return view;
  }
}
