package io.steward.vaultproxy.vault;

import io.steward.vaultproxy.vault.CredentialAuth.Limited;
import io.steward.vaultproxy.vault.CredentialAuth.Networking;
import io.steward.vaultproxy.vault.CredentialAuth.Unrestricted;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The rules of `networking`: which hosts a secret may be sent to.
final class HostRules {
  private static final int HOSTS_MAX = 16;
  private static final int HOST_CHARS_MAX = 253;
  private static final List<String> TYPES = List.of("unrestricted", "limited");
  private static final String LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
  private static final Pattern HOST = Pattern.compile("(\\*\\.)?" + LABEL + "(\\." + LABEL + ")*");
  private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?[0-9]+");
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  private HostRules() {}

  static Networking read(Field networking) {
    networking.requireObject();
    if (networking.field("type").choice(TYPES).equals("unrestricted")) {
      return new Unrestricted();
    }
    return new Limited(
        networking.field("allowed_hosts").elements(HOSTS_MAX).stream()
            .map(HostRules::host)
            .distinct()
            .toList());
  }

  private static String host(Field field) {
    String host = field.text(1, HOST_CHARS_MAX).toLowerCase(Locale.ROOT);
    boolean fits =
        NUMERIC.matcher(host).matches()
            ? IPV4.matcher(host).matches()
            : HOST.matcher(host).matches();
    if (!fits) {
      throw field.refused(
          "must be a host such as example.com, *.example.com or 192.0.2.1, without scheme, port or"
              + " path");
    }
    return host;
  }
}
