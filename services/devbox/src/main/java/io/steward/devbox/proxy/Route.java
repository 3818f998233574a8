package io.steward.devbox.proxy;

import io.steward.devbox.service.Service;

/// Who answers a path. Decided by whole segments of the path as it was sent, without decoding it.
sealed interface Route {
  /// A service does.
  record To(Service service) implements Route {}

  /// This process does: whether everything is ready.
  record Readiness() implements Route {}

  /// Nobody does.
  ///
  /// @param secured whether the key is asked for before saying so
  record Nobody(boolean secured) implements Route {}

  /// The route of `path`, which starts with a slash and has no query.
  static Route of(String path) {
    if (path.equals("/q/health/ready")) {
      return new Readiness();
    }
    String[] segments = path.split("/", -1);
    if (segments.length < 2 || !segments[1].equals("v1")) {
      return new Nobody(false);
    }
    return switch (segments.length > 2 ? segments[2] : "") {
      case "agents", "models" -> new To(Service.AGENT_CONFIG);
      case "environments" ->
          new To(
              segments.length > 4 && segments[4].equals("work")
                  ? Service.SESSION_LOG
                  : Service.AGENT_CONFIG);
      case "sessions", "files" -> new To(Service.SESSION_LOG);
      case "vaults" -> new To(Service.VAULT_PROXY);
      default -> new Nobody(true);
    };
  }
}
