package io.steward.schemas.agent;

import java.time.Instant;

/// What readers of `environments` know of a key that workers of a self-hosted environment send as
/// their bearer. On the topic under `<environment id>/<key id>`; a tombstone there revokes it. The
/// key itself is nowhere: it was in one response, and is compared by its hash.
///
/// @param id `envkey_…`
/// @param environmentId whose queue and sessions it opens
/// @param sha256 of the whole key in UTF-8, as 64 lower-case hex digits
public record EnvironmentKey(String id, String environmentId, String sha256, Instant createdAt) {
  /// The CloudEvents type of its record.
  public static final String TYPE = "environment.key";

  /// How every key begins.
  public static final String PREFIX = "sk-ant-env01-";
}
