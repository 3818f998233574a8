package io.steward.vaultproxy.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// The addresses of a host a connection may go to.
///
/// A name is resolved once, here; what it stands for later does not matter, because the connection
/// goes to one of these addresses. Of several addresses the refused ones are left out: a name whose
/// addresses are all refused is refused, and one that mixes them gains nothing by it.
public final class CheckedAddresses {
  /// Addresses of one host that are tried.
  public static final int TRIED_MAX = 3;

  private final Resolver resolver;
  private final AddressPolicy policy;

  public CheckedAddresses(Resolver resolver, AddressPolicy policy) {
    this.resolver = resolver;
    this.policy = policy;
  }

  /// The addresses of `host` that are allowed, 1 to [#TRIED_MAX], in the order they should be
  /// tried.
  ///
  /// @throws UnknownHostException when the host has no address
  /// @throws EgressRefusal when it has none that is allowed
  public List<InetAddress> of(HostName host) throws UnknownHostException, EgressRefusal {
    List<InetAddress> all =
        switch (host) {
          case HostName.Literal literal -> List.of(literal.address());
          case HostName.Name name -> resolver.resolve(name.text());
        };
    List<InetAddress> allowed = all.stream().filter(policy::allows).limit(TRIED_MAX).toList();
    if (allowed.isEmpty()) {
      throw new EgressRefusal(
          "The host " + host.text() + " is not on the public internet, and not allowed here.");
    }
    return allowed;
  }
}
