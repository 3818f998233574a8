package io.steward.sandbox.egress;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Which variables of a sandbox credentials may have: not those that Steward sets or that decide
/// how a shell and its programs start.
public final class VariableNames {
  private static final Pattern FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final List<String> TAKEN_PREFIXES =
      List.of("LD_", "LC_", "BASH", "SHIM", "STEWARD_");

  private static final Set<String> TAKEN =
      Set.of(
          "_",
          "AWS_CA_BUNDLE",
          "CARGO_HTTP_CAINFO",
          "CDPATH",
          "CURL_CA_BUNDLE",
          "ENV",
          "GEM_PATH",
          "GIT_SSL_CAINFO",
          "HOME",
          "IFS",
          "LANG",
          "LOGNAME",
          "NODE_EXTRA_CA_CERTS",
          "NODE_OPTIONS",
          "NODE_PATH",
          "NODE_USE_ENV_PROXY",
          "OLDPWD",
          "PATH",
          "PIP_CERT",
          "PROMPT_COMMAND",
          "PS4",
          "PWD",
          "PYTHONHOME",
          "PYTHONPATH",
          "REQUESTS_CA_BUNDLE",
          "SHELL",
          "SHELLOPTS",
          "SHLVL",
          "SSL_CERT_DIR",
          "SSL_CERT_FILE",
          "TERM",
          "TMPDIR",
          "USER");

  private VariableNames() {}

  /// Whether a credential may have the variable `name`. Names that end in `_proxy`, in upper or
  /// lower case, it may not, either.
  public static boolean mayHoldSecret(String name) {
    return FORM.matcher(name).matches()
        && !TAKEN.contains(name)
        && !name.toLowerCase(Locale.ROOT).endsWith("_proxy")
        && TAKEN_PREFIXES.stream().noneMatch(name::startsWith);
  }
}
