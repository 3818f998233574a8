package io.steward.sessionlog.resource;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The hosts repositories may be cloned from.
///
/// @param names lower case, with `:port` unless it is 443
record GitHosts(Set<String> names) {
  private static final Pattern FORM =
      Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?");
  private static final String DEFAULT_PORT = ":443";

  /// The hosts an operator allows.
  ///
  /// @throws IllegalArgumentException when one is neither `host` nor `host:port`
  static GitHosts of(Collection<String> configured) {
    Set<String> names = new TreeSet<>();
    for (String text : configured) {
      String name = normal(text.strip());
      if (!FORM.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "steward.git.hosts (STEWARD_GIT_HOSTS) holds \""
                + text
                + "\", but each entry must be a host or host:port, such as github.com.");
      }
      names.add(name);
    }
    return new GitHosts(names);
  }

  /// The host as it is compared.
  static String normal(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(DEFAULT_PORT)
        ? lower.substring(0, lower.length() - DEFAULT_PORT.length())
        : lower;
  }

  boolean allow(String host) {
    return names.contains(host);
  }

  @Override
  public String toString() {
    return String.join(", ", names);
  }
}
