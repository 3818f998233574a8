package io.steward.e2e.stage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.dockerjava.api.model.HostConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What Docker is told of a container's surroundings, with two fields the client does not know: the
/// paths of `/proc` and `/sys` that are hidden or made read-only.
final class UnmaskedHostConfig extends HostConfig {
  private @Nullable List<String> hidden;

  /// Takes over what Testcontainers sets.
  UnmaskedHostConfig(HostConfig other) {
    withNetworkMode(other.getNetworkMode());
    withExtraHosts(other.getExtraHosts());
    withPortBindings(other.getPortBindings());
    withLinks(other.getLinks());
  }

  /// Without anything masked, or as usual.
  void unmask(boolean wanted) {
    hidden = wanted ? List.of() : null;
  }

  @JsonProperty("MaskedPaths")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public @Nullable List<String> getMaskedPaths() {
    return hidden;
  }

  @JsonProperty("ReadonlyPaths")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public @Nullable List<String> getReadonlyPaths() {
    return hidden;
  }
}
