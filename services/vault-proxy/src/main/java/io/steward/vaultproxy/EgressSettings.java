package io.steward.vaultproxy;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/// Where connections for an agent may go. Keys are public; defaults are in
/// `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "steward.egress")
public interface EgressSettings {
  /// Ranges of addresses that are allowed although they are not on the public internet, with commas
  /// between them. None by default. Environment: `STEWARD_EGRESS_ALLOWED_ADDRESSES`.
  Optional<String> allowedAddresses();
}
