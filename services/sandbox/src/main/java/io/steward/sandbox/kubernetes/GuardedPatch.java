package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Changes an object of the cluster on condition that nobody changed it since it was read.
final class GuardedPatch {
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;

  private GuardedPatch() {}

  /// @param resource where `known` is
  /// @param known as it was read
  /// @param metadata what is new of its metadata; may be empty
  /// @param rest what else is new
  /// @return the object as it is now; empty when somebody else changed or deleted it before
  static <T extends HasMetadata> Optional<T> apply(
      Resource<T> resource, T known, Map<String, Object> metadata, Map<String, Object> rest) {
    Map<String, Object> guarded = new LinkedHashMap<>(metadata);
    guarded.put("uid", known.getMetadata().getUid());
    guarded.put("resourceVersion", known.getMetadata().getResourceVersion());
    Map<String, Object> patch = new LinkedHashMap<>(rest);
    patch.put("metadata", guarded);
    try {
      return Optional.of(
          resource.patch(
              PatchContext.of(PatchType.JSON_MERGE),
              new String(Json.bytes(patch), StandardCharsets.UTF_8)));
    } catch (KubernetesClientException e) {
      if (e.getCode() == CONFLICT || e.getCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
