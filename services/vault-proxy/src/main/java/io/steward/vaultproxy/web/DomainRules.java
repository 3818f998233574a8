package io.steward.vaultproxy.web;

import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.HostName;
import java.util.List;
import java.util.Optional;

/// Which domains a tool may fetch from. An entry covers the host and its subdomains.
public sealed interface DomainRules {
  /// All of them.
  record Any() implements DomainRules {}

  record Only(List<HostName> domains) implements DomainRules {
    public Only {
      domains = List.copyOf(domains);
    }
  }

  record Except(List<HostName> domains) implements DomainRules {
    public Except {
      domains = List.copyOf(domains);
    }
  }

  /// @param allowed as the tool's configuration has them; empty for no restriction
  /// @param blocked not both of them
  /// @throws IllegalArgumentException when both are there, or an entry is no host name
  static DomainRules of(Optional<List<String>> allowed, Optional<List<String>> blocked) {
    if (allowed.isPresent() && blocked.isPresent()) {
      throw new IllegalArgumentException("allowed_domains and blocked_domains exclude each other");
    }
    if (allowed.isPresent()) {
      return new Only(allowed.get().stream().map(DomainRules::domain).toList());
    }
    return blocked.isPresent()
        ? new Except(blocked.get().stream().map(DomainRules::domain).toList())
        : new Any();
  }

  default boolean permits(HostName host) {
    return switch (this) {
      case Any _ -> true;
      case Only(var domains) -> domains.stream().anyMatch(domain -> covers(domain, host));
      case Except(var domains) -> domains.stream().noneMatch(domain -> covers(domain, host));
    };
  }

  private static boolean covers(HostName domain, HostName host) {
    return host.equals(domain)
        || host instanceof HostName.Name(var name) && name.endsWith("." + domain.text());
  }

  /// One slash at its end is ignored, and so is its case.
  private static HostName domain(String entry) {
    try {
      return HostName.parse(entry.endsWith("/") ? entry.substring(0, entry.length() - 1) : entry);
    } catch (EgressRefusal e) {
      throw new IllegalArgumentException("not a domain: " + entry, e);
    }
  }
}
