package io.steward.vaultproxy;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where connections for an agent may go, and the egress proxy of sandboxes. Keys are public;
/// defaults are in `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "steward.egress")
public interface EgressSettings {
  /// Ranges of addresses that are allowed although they are not on the public internet, with commas
  /// between them. None by default. Environment: `STEWARD_EGRESS_ALLOWED_ADDRESSES`.
  Optional<String> allowedAddresses();

  /// Whether there is an egress proxy. Environment: `STEWARD_EGRESS_PROXY_ENABLED`.
  boolean proxyEnabled();

  /// The address it listens on. Environment: `STEWARD_EGRESS_PROXY_HOST`.
  String proxyHost();

  /// The port it listens on, from 1 to 65535, or 0 for any. Environment:
  /// `STEWARD_EGRESS_PROXY_PORT`.
  int proxyPort();

  /// Ports of hosts that are as good as 80 and 443: a `limited` environment opens them, and secrets
  /// may be sent there. None by default. Environment: `STEWARD_EGRESS_PORTS`, with commas.
  Optional<List<Integer>> ports();

  /// Hosts that `allow_package_managers` opens beside the usual ones, such as a mirror. None by
  /// default. Environment: `STEWARD_EGRESS_PACKAGE_REGISTRIES`, with commas.
  Optional<List<String>> packageRegistries();

  /// Whether secrets may be sent without TLS, when that is how a host is asked. Environment:
  /// `STEWARD_EGRESS_SECRETS_OVER_PLAIN_HTTP`.
  boolean secretsOverPlainHttp();

  /// PEM file with certificate authorities the proxy trusts beside the usual ones. Environment:
  /// `STEWARD_EGRESS_CA`.
  Optional<Path> ca();
}
