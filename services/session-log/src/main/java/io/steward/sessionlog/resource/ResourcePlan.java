package io.steward.sessionlog.resource;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.sessionlog.files.StoredFile;
import java.util.ArrayList;
import java.util.List;

/// Resources whose files were found: what is left is to make them.
public record ResourcePlan(List<Step> steps) {
  public ResourcePlan {
    steps = List.copyOf(steps);
  }

  /// One resource, in the order they were asked for.
  sealed interface Step {}

  record MountFile(ResourceRequest.OfFile request, StoredFile file) implements Step {}

  record MountRepository(ResourceRequest.OfRepository request) implements Step {}

  /// @throws ApiException 404 when a file is not there, 400 when it has expired
  public static ResourcePlan of(List<? extends ResourceRequest> requests, NamedFiles files) {
    List<Step> steps = new ArrayList<>();
    for (ResourceRequest request : requests) {
      steps.add(
          switch (request) {
            case ResourceRequest.OfFile file -> found(file, files);
            case ResourceRequest.OfRepository repository -> new MountRepository(repository);
          });
    }
    return new ResourcePlan(steps);
  }

  static MountFile found(ResourceRequest.OfFile file, NamedFiles files) {
    String at = file.at().isEmpty() ? "file_id" : file.at() + ".file_id";
    return new MountFile(file, files.require(at, file.fileId(), ApiError::notFound));
  }

  /// Refuses more than a sandbox can show.
  ///
  /// @param bytesPresent bytes of the files the session has
  /// @param bytesMax bytes of all files of a session together
  /// @throws ApiException 400 when the files of this plan do not go with those
  public ResourcePlan requireRoom(long bytesPresent, long bytesMax) {
    long bytes =
        bytesPresent
            + steps.stream()
                .mapToLong(step -> step instanceof MountFile(_, var file) ? file.sizeBytes() : 0)
                .sum();
    if (bytes > bytesMax) {
      throw new ApiException(
          ApiError.invalid(
              "The files of the session would have %,d bytes together, but a session may mount at most %,d."
                  .formatted(bytes, bytesMax)));
    }
    return this;
  }

  /// Whether a token has to be sealed.
  boolean hasSecrets() {
    return steps.stream()
        .anyMatch(
            step -> step instanceof MountRepository(var repository) && repository.token() != null);
  }
}
