package io.steward.sessionlog.resource;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.sessionlog.http.Field;
import java.util.Locale;
import java.util.regex.Pattern;

/// `https://<host>/<owner>/<repository>`, and nothing else.
///
/// @param text as the client wrote it
/// @param host as in [GitHosts]
/// @param name of the repository
record RepositoryUrl(String text, String host, String name) {
  private static final int CHARS_MAX = 2_048;
  private static final String SCHEME = "https://";
  private static final String SUFFIX = ".git";
  private static final int PARTS = 3;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

  /// Any other character may belong to a credential, so such a URL is never repeated.
  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9:/._~-]*");

  /// @throws ApiException 400 when it is no such URL, or the host is not allowed
  static RepositoryUrl read(Field field, GitHosts hosts) {
    String text = field.text(1, CHARS_MAX);
    if (!HARMLESS.matcher(text).matches()) {
      throw new ApiException(
          ApiError.invalid(
              "`"
                  + field.path()
                  + "` must be https://<host>/<owner>/<repository>, without user, query or fragment;"
                  + " a token goes into `authorization_token`."));
    }
    String[] parts =
        text.startsWith(SCHEME) ? text.substring(SCHEME.length()).split("/", -1) : new String[0];
    if (parts.length != PARTS || !isName(parts[1]) || !isName(parts[2])) {
      throw field.refused("must be https://<host>/<owner>/<repository>");
    }
    if (parts[2].toLowerCase(Locale.ROOT).endsWith(SUFFIX)) {
      throw field.refused("must not end with .git");
    }
    String host = GitHosts.normal(parts[0]);
    if (!hosts.allow(host)) {
      throw field.refused("must be on one of the hosts this server clones from: " + hosts);
    }
    return new RepositoryUrl(text, host, parts[2]);
  }

  private static boolean isName(String part) {
    return NAME.matcher(part).matches() && !part.equals(".") && !part.equals("..");
  }
}
