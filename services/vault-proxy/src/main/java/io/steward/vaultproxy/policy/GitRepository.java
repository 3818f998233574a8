package io.steward.vaultproxy.policy;

import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A repository at a git host, and which requests are git's own requests for it. Everything is
/// compared as it was written, so there is one spelling of each: no dots, no percent signs, no case
/// that does not matter.
///
/// @param path such as `/owner/repo`, without `.git` and without a slash at its end
/// @param secretId of its token
public record GitRepository(Endpoint endpoint, String path, String secretId) {
  private static final String SUFFIX = ".git";
  private static final String REFS = "/info/refs?service=";
  private static final List<String> SERVICES = List.of("git-upload-pack", "git-receive-pack");
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_.~+-]+)+");

  /// Empty when its url is no `https` url of a repository with plain characters in its path.
  public static Optional<GitRepository> of(SandboxNetwork.Repository repository) {
    WebUrl url;
    try {
      url = WebUrl.parse(repository.url());
    } catch (EgressRefusal _) {
      return Optional.empty();
    }
    String path = url.path().replaceFirst("/$", "");
    String plain =
        path.endsWith(SUFFIX) ? path.substring(0, path.length() - SUFFIX.length()) : path;
    return url.secure() && PATH.matcher(plain).matches()
        ? Optional.of(
            new GitRepository(new Endpoint(url.host(), url.port()), plain, repository.secretId()))
        : Optional.empty();
  }

  /// Whether it is a request of git for this repository.
  ///
  /// @param target from the path on, with the query, as it was written
  public boolean asks(String method, String target) {
    return asks(path, method, target) || asks(path + SUFFIX, method, target);
  }

  private static boolean asks(String base, String method, String target) {
    return SERVICES.stream()
        .anyMatch(service ->
            method.equals("GET") && target.equals(base + REFS + service)
                || method.equals("POST") && target.equals(base + "/" + service));
  }
}
