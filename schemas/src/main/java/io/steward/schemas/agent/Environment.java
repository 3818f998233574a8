package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where sessions run and with what, exactly as the API returns it. Source: contract/core.md §3.4.
///
/// @param id `env_…`
/// @param name 1–256 characters, unique among the environments that are not archived
/// @param metadata up to 16 pairs
/// @param scope always `organization`
/// @param archivedAt when the environment became read-only, or null
@JsonPropertyOrder({"id", "type"})
public record Environment(
    String id,
    String name,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String description,
    EnvironmentConfig config,
    Map<String, String> metadata,
    String scope,
    Instant createdAt,
    Instant updatedAt,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant archivedAt) {

  /// Always `environment`.
  @JsonProperty("type")
  public String type() {
    return "environment";
  }

  /// This environment, archived at that moment.
  public Environment archived(Instant at) {
    return new Environment(id, name, description, config, metadata, scope, createdAt, at, at);
  }
}
