package io.steward.vaultproxy.policy;

import io.steward.vaultproxy.egress.HostName;
import java.util.List;
import java.util.stream.Stream;

/// The hosts that `allow_package_managers` opens: those the package managers an environment can
/// name (contract/core.md §3.2) use as they come, and what the operator adds.
///
/// Some of them also take uploads from whoever has an account there: letting a sandbox install
/// packages lets it send data out.
public final class PackageRegistries {
  public static final List<String> USUAL =
      List.of(
          // apt: Debian and Ubuntu
          "deb.debian.org",
          "security.debian.org",
          "archive.ubuntu.com",
          "security.ubuntu.com",
          "ports.ubuntu.com",
          // cargo
          "crates.io",
          "index.crates.io",
          "static.crates.io",
          // gem
          "rubygems.org",
          "index.rubygems.org",
          // go
          "proxy.golang.org",
          "sum.golang.org",
          // npm
          "registry.npmjs.org",
          "registry.yarnpkg.com",
          // pip
          "pypi.org",
          "files.pythonhosted.org");

  private final HostSet hosts;

  /// @param added by the operator, a mirror for instance
  /// @throws IllegalArgumentException when one is no host
  public PackageRegistries(List<String> added) {
    hosts = HostSet.listed(Stream.concat(USUAL.stream(), added.stream()).toList());
  }

  boolean cover(HostName host) {
    return hosts.covers(host);
  }
}
