package io.steward.vaultproxy.policy;

import io.steward.vaultproxy.egress.HostName;
import java.util.List;

/// The hosts something may be sent to.
public sealed interface HostSet {
  boolean covers(HostName host);

  /// All hosts there are.
  record Every() implements HostSet {
    @Override
    public boolean covers(HostName host) {
      return true;
    }
  }

  /// Those that match one of `patterns`.
  record Listed(List<HostPattern> patterns) implements HostSet {
    public Listed {
      patterns = List.copyOf(patterns);
    }

    @Override
    public boolean covers(HostName host) {
      return patterns.stream().anyMatch(pattern -> pattern.matches(host));
    }
  }

  /// @param hosts such as `example.com`, `*.example.com` or `192.0.2.1`
  /// @throws IllegalArgumentException when one is none of these
  static HostSet listed(List<String> hosts) {
    return new Listed(hosts.stream().map(HostPattern::parse).toList());
  }
}
