package io.steward.devbox;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The variables of this process that its children see. Everything else stays here, above all keys.
final class Inherited {
  private static final Set<String> NAMES =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "LANG",
          "TZ",
          "TMPDIR",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE");
  private static final List<String> PREFIXES = List.of("LC_", "QUARKUS_LOG_");

  private Inherited() {}

  /// @param mark marks a process as one of this instance
  static Map<String, String> of(Map<String, String> environment, Map.Entry<String, String> mark) {
    Map<String, String> all = new HashMap<>();
    environment.forEach((name, value) -> {
      if (NAMES.contains(name) || PREFIXES.stream().anyMatch(name::startsWith)) {
        all.put(name, value);
      }
    });
    all.put(mark.getKey(), mark.getValue());
    return all;
  }
}
