package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.resource.SessionResource.FileResource;
import io.steward.schemas.resource.SessionResource.RepositoryResource;
import io.steward.schemas.sandbox.SandboxMount;
import io.steward.schemas.sandbox.SandboxNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What a session was given, and how far its repositories are.
///
/// @param attached in the order they were attached
/// @param repositories by resource id, one for each attached repository
public record Resources(List<SessionResource> attached, Map<String, Repository> repositories) {
  public Resources {
    attached = List.copyOf(attached);
    repositories = Map.copyOf(repositories);
  }

  /// @param archiveKey where the clone is, once it is ready
  public record Repository(State state, @Nullable String archiveKey) {
    static final Repository PENDING = new Repository(State.PENDING, null);
  }

  /// How far a repository is.
  public enum State {
    /// Not cloned yet; the model is not asked before that.
    @JsonProperty("pending")
    PENDING,
    @JsonProperty("ready")
    READY,
    /// It could not be cloned; the session goes on without it and tries again with its next turn.
    @JsonProperty("failed")
    FAILED
  }

  static Resources of(List<SessionResource> attached) {
    Map<String, Repository> repositories = new HashMap<>();
    attached.stream()
        .filter(RepositoryResource.class::isInstance)
        .forEach(resource -> repositories.put(resource.id(), Repository.PENDING));
    return new Resources(attached, repositories);
  }

  /// The resource of that id.
  public Optional<SessionResource> find(String id) {
    return attached.stream().filter(resource -> resource.id().equals(id)).findFirst();
  }

  /// How many files are mounted.
  public long files() {
    return attached.stream().filter(FileResource.class::isInstance).count();
  }

  /// Whether a resource is at `sandboxPath`, or one of the two would lie inside the other.
  public boolean occupied(String sandboxPath) {
    return attached.stream()
        .map(SessionResource::sandboxPath)
        .anyMatch(taken ->
            taken.equals(sandboxPath)
                || taken.startsWith(sandboxPath + "/")
                || sandboxPath.startsWith(taken + "/"));
  }

  /// Repositories that are still to be cloned.
  public List<RepositoryResource> pending() {
    return repositories(State.PENDING);
  }

  /// Whether every repository is there.
  public boolean complete() {
    return repositories.values().stream().allMatch(repository -> repository.state() == State.READY);
  }

  /// Repositories that have a token.
  List<SandboxNetwork.Repository> tokens() {
    List<SandboxNetwork.Repository> tokens = new ArrayList<>();
    for (SessionResource resource : attached) {
      if (resource instanceof RepositoryResource repository && repository.secretId() != null) {
        tokens.add(new SandboxNetwork.Repository(repository.url(), repository.secretId()));
      }
    }
    return tokens;
  }

  /// What a sandbox has to show.
  public List<SandboxMount> mounts() {
    List<SandboxMount> mounts = new ArrayList<>();
    for (SessionResource resource : attached) {
      switch (resource) {
        case FileResource file ->
            mounts.add(
                new SandboxMount.FileMount(
                    file.sandboxPath(),
                    file.attachment().blobKey(),
                    file.attachment().sizeBytes()));
        case RepositoryResource repository -> {
          Repository clone = repositories.get(repository.id());
          if (clone != null && clone.archiveKey() != null) {
            mounts.add(
                new SandboxMount.RepositoryMount(
                    repository.sandboxPath(), repository.id(), clone.archiveKey()));
          }
        }
      }
    }
    return mounts;
  }

  Resources plus(SessionResource resource) {
    List<SessionResource> longer = new ArrayList<>(attached);
    longer.add(resource);
    return new Resources(longer, repositories);
  }

  Resources without(String id) {
    return new Resources(
        attached.stream().filter(resource -> !resource.id().equals(id)).toList(), repositories);
  }

  Resources replaced(SessionResource changed) {
    return new Resources(
        attached.stream()
            .map(resource -> resource.id().equals(changed.id()) ? changed : resource)
            .toList(),
        repositories);
  }

  /// A repository whose outcome is awaited is now ready, or failed when there is no archive.
  Resources settled(String id, @Nullable String archiveKey) {
    State state = archiveKey == null ? State.FAILED : State.READY;
    return changed(
        id, before -> before.state() == State.PENDING ? new Repository(state, archiveKey) : before);
  }

  /// What failed is tried again.
  Resources retried() {
    Resources retried = this;
    for (RepositoryResource failed : repositories(State.FAILED)) {
      retried = retried.changed(failed.id(), _ -> Repository.PENDING);
    }
    return retried;
  }

  private Resources changed(String id, UnaryOperator<Repository> change) {
    Map<String, Repository> changed = new HashMap<>(repositories);
    changed.computeIfPresent(id, (_, before) -> change.apply(before));
    return new Resources(attached, changed);
  }

  private List<RepositoryResource> repositories(State state) {
    return attached.stream()
        .filter(RepositoryResource.class::isInstance)
        .map(RepositoryResource.class::cast)
        .filter(resource -> {
          Repository repository = repositories.get(resource.id());
          return repository != null && repository.state() == state;
        })
        .toList();
  }
}
