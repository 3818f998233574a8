package io.steward.vaultproxy.repository;

import io.steward.vaultproxy.clone.CloneFailure;
import io.steward.vaultproxy.clone.CloneFailure.Reason;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// The hosts repositories may be cloned from. A host that is listed may be anywhere, also on a
/// private network: listing it is the permission.
public final class GitHosts {
  private static final String HTTPS_PORT = ":443";

  private final Set<String> hosts;

  /// @param hosts `host` or `host:port`
  public GitHosts(List<String> hosts) {
    this.hosts =
        hosts.stream()
            .map(GitHosts::normalized)
            .filter(host -> !host.isEmpty())
            .collect(Collectors.toUnmodifiableSet());
  }

  /// The host in `url`, lower case, with `:port` unless it is 443.
  ///
  /// @throws CloneFailure when a clone of `url` is not allowed
  public String require(String url) throws CloneFailure {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw refused("The url of the repository is not a url.");
    }
    if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
      throw refused("The url of the repository must be an https url with a host.");
    }
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getFragment() != null) {
      throw refused(
          "The url of the repository must hold no user information, no query and no fragment.");
    }
    String host = normalized(uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()));
    if (!hosts.contains(host)) {
      throw refused("The host " + host + " is not one of those this installation clones from.");
    }
    return host;
  }

  /// Whether a normalised host is one of them.
  boolean lists(String host) {
    return hosts.contains(host);
  }

  private static CloneFailure refused(String message) {
    return new CloneFailure(Reason.CLONE, message);
  }

  /// In lower case, without `:443`.
  static String normalized(String host) {
    String lower = host.strip().toLowerCase(Locale.ROOT);
    return lower.endsWith(HTTPS_PORT)
        ? lower.substring(0, lower.length() - HTTPS_PORT.length())
        : lower;
  }
}
