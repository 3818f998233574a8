package io.steward.vaultproxy.policy;

import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.HostName;

/// One host, or all hosts below one. Both sides of a comparison are in the one spelling of
/// [HostName], so case, dots at the end and international names make no difference, and
/// `example.com.evil.test` is nothing but another name.
public sealed interface HostPattern {
  String BELOW = "*.";

  boolean matches(HostName host);

  /// One host.
  record Exact(HostName host) implements HostPattern {
    @Override
    public boolean matches(HostName other) {
      return host.equals(other);
    }
  }

  /// Every name that ends with a dot and `parent`, at any depth; not `parent` itself.
  record Below(HostName.Name parent) implements HostPattern {
    @Override
    public boolean matches(HostName other) {
      return other instanceof HostName.Name name && name.text().endsWith("." + parent.text());
    }
  }

  /// @param text such as `example.com`, `*.example.com` or `192.0.2.1`
  /// @throws IllegalArgumentException when it is none of these
  static HostPattern parse(String text) {
    try {
      if (!text.startsWith(BELOW)) {
        return new Exact(HostName.parse(text));
      }
      if (HostName.parse(text.substring(BELOW.length())) instanceof HostName.Name parent) {
        return new Below(parent);
      }
    } catch (EgressRefusal e) {
      throw new IllegalArgumentException("not a host or a pattern of hosts: " + text, e);
    }
    throw new IllegalArgumentException("there are no hosts below an address: " + text);
  }
}
