package io.steward.sessionlog.resource;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.resource.SessionResource;
import io.steward.sessionlog.http.Field;
import io.steward.sessionlog.secret.Secret;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/// Reads resources a client asks for, strictly. Source: contract/core.md §6.
public final class ResourceParser {
  /// How many repositories a session may have.
  static final int REPOSITORIES_MAX = 20;

  private static final int FILE_ID_CHARS_MAX = 128;
  private static final Pattern TOKEN = Pattern.compile("[!-~]{1,4096}");

  private final GitHosts hosts;

  private ResourceParser(GitHosts hosts) {
    this.hosts = hosts;
  }

  /// @param gitHosts hosts repositories may be cloned from, `host` or `host:port`
  /// @throws IllegalArgumentException when one of them is neither
  public static ResourceParser of(Collection<String> gitHosts) {
    return new ResourceParser(GitHosts.of(gitHosts));
  }

  /// The resources a session is created with; none when the field is missing or null.
  ///
  /// @throws ApiException 400 when any of them breaks a rule, or two do not go together
  public List<ResourceRequest> created(Field resources) {
    if (resources.absent()) {
      return List.of();
    }
    List<ResourceRequest> requests = new ArrayList<>();
    for (Field resource : resources.elements(0, SessionResource.FILES_MAX + REPOSITORIES_MAX)) {
      ResourceRequest request = resource(resource);
      for (ResourceRequest other : requests) {
        if (MountPaths.overlap(request.sandboxPath(), other.sandboxPath())) {
          throw overlapping(request, other.sandboxPath(), "`" + other.at() + "`");
        }
      }
      requests.add(request);
    }
    requireFew(resources, requests, ResourceRequest.OfFile.class, SessionResource.FILES_MAX);
    requireFew(resources, requests, ResourceRequest.OfRepository.class, REPOSITORIES_MAX);
    return List.copyOf(requests);
  }

  /// The file a client wants mounted in a session that exists already.
  ///
  /// @param attached what the session has
  /// @throws ApiException 400 when it is no file, breaks a rule, or does not go together with
  ///   others
  ResourceRequest.OfFile added(Field body, Collection<SessionResource> attached) {
    Field type = body.field("type");
    if (!type.text().equals("file")) {
      throw type.refused("must be \"file\": other resources are given when the session is created");
    }
    ResourceRequest.OfFile request = file(body);
    for (SessionResource other : attached) {
      if (MountPaths.overlap(request.sandboxPath(), other.sandboxPath())) {
        throw overlapping(request, other.sandboxPath(), "the resource " + other.id());
      }
    }
    return request;
  }

  /// The token in `authorization_token`. No error repeats it.
  ///
  /// @throws ApiException 400 when it is none
  static Secret token(Field owner) {
    Field field = owner.field("authorization_token");
    JsonNode node = field.node();
    if (node == null || !node.isTextual() || !TOKEN.matcher(node.textValue()).matches()) {
      throw new ApiException(
          ApiError.invalid("`" + field.path() + "` must be 1 to 4,096 visible ASCII characters."));
    }
    return new Secret(node.textValue());
  }

  private ResourceRequest resource(Field resource) {
    Field type = resource.field("type");
    return switch (type.text()) {
      case "file" -> file(resource);
      case "github_repository" -> repository(resource);
      case "memory_store" ->
          throw new ApiException(
              ApiError.invalid(
                  "`"
                      + type.path()
                      + "` is \"memory_store\", but memory stores are not supported by this server"
                      + " yet."));
      default ->
          throw type.refused("must be one of \"file\", \"github_repository\", \"memory_store\"");
    };
  }

  private static ResourceRequest.OfFile file(Field resource) {
    String fileId = resource.field("file_id").text(1, FILE_ID_CHARS_MAX);
    Field mount = resource.field("mount_path");
    return new ResourceRequest.OfFile(
        resource.path(),
        fileId,
        mount.absent() ? SessionResource.UPLOADS + "/" + fileId : mount.text(),
        MountPaths.upload(mount.absent() ? resource.field("file_id") : mount));
  }

  private ResourceRequest.OfRepository repository(Field resource) {
    RepositoryUrl url = RepositoryUrl.read(resource.field("url"), hosts);
    Field mount = resource.field("mount_path");
    String standard = SessionResource.WORKSPACE + "/" + url.name();
    return new ResourceRequest.OfRepository(
        resource.path(),
        url,
        CheckoutParser.read(resource.field("checkout")),
        mount.absent() ? standard : mount.text(),
        mount.absent() ? standard : MountPaths.repository(mount),
        resource.field("authorization_token").absent() ? null : token(resource));
  }

  private static ApiException overlapping(ResourceRequest request, String taken, String by) {
    String path = request.at().isEmpty() ? "mount_path" : request.at() + ".mount_path";
    return new ApiException(
        ApiError.invalid(
            "`"
                + path
                + "` leads to "
                + request.sandboxPath()
                + ", but "
                + by
                + " is mounted at "
                + taken
                + "; no resource may lie at the path of another or inside it."));
  }

  private static void requireFew(
      Field field, List<ResourceRequest> all, Class<? extends ResourceRequest> kind, int max) {
    long count = all.stream().filter(kind::isInstance).count();
    if (count > max) {
      throw new ApiException(
          ApiError.invalid(
              "`%s` has %,d %s, but a session may have %,d."
                  .formatted(
                      field.path(),
                      count,
                      kind == ResourceRequest.OfFile.class ? "files" : "repositories",
                      max)));
    }
  }
}
