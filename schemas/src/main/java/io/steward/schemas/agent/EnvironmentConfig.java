package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/// What shapes the sandboxes of an environment. Source: contract/core.md §3.4.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = EnvironmentConfig.CloudConfig.class, name = EnvironmentConfig.CLOUD),
  @JsonSubTypes.Type(
      value = EnvironmentConfig.SelfHostedConfig.class,
      name = EnvironmentConfig.SELF_HOSTED)
})
public sealed interface EnvironmentConfig {
  String CLOUD = "cloud";
  String SELF_HOSTED = "self_hosted";

  /// Sandboxes of this server.
  record CloudConfig(Networking networking, Packages packages) implements EnvironmentConfig {
    /// Open network, nothing installed.
    public static final CloudConfig DEFAULT = new CloudConfig(new Unrestricted(), Packages.NONE);
  }

  /// Tools run on the user's own workers.
  record SelfHostedConfig() implements EnvironmentConfig {}

  /// Where commands in a sandbox may connect to.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Unrestricted.class, name = "unrestricted"),
    @JsonSubTypes.Type(value = Limited.class, name = "limited")
  })
  sealed interface Networking {}

  record Unrestricted() implements Networking {}

  /// @param allowedHosts hosts such as `example.com`, or `*.example.com` for those below it
  /// @param allowMcpServers also the hosts of the agent's MCP servers
  /// @param allowPackageManagers also the usual package registries
  record Limited(List<String> allowedHosts, boolean allowMcpServers, boolean allowPackageManagers)
      implements Networking {
    public Limited {
      allowedHosts = List.copyOf(allowedHosts);
    }
  }

  /// What is installed in a new sandbox, by package manager, in each manager's own version syntax.
  @JsonPropertyOrder({"type"})
  record Packages(
      List<String> apt,
      List<String> cargo,
      List<String> gem,
      List<String> go,
      List<String> npm,
      List<String> pip) {
    public static final Packages NONE =
        new Packages(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    public Packages {
      apt = List.copyOf(apt);
      cargo = List.copyOf(cargo);
      gem = List.copyOf(gem);
      go = List.copyOf(go);
      npm = List.copyOf(npm);
      pip = List.copyOf(pip);
    }

    /// Always `packages`.
    @JsonProperty("type")
    public String type() {
      return "packages";
    }
  }
}
