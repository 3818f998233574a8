package io.steward.devbox.proxy;

import io.steward.devbox.program.Service;
import java.util.regex.Pattern;

/// Who answers a path. Decided by whole segments of the path as it was sent, without decoding it.
sealed interface Route {
  /// A service does.
  ///
  /// @param bodyBytesMax the largest body that is passed on
  record To(Service service, long bodyBytesMax) implements Route {
    To(Service service) {
      this(service, BODY_BYTES_MAX);
    }
  }

  /// This process does: whether everything is ready.
  record Readiness() implements Route {}

  /// Nobody can: a percent sign is not followed by two hexadecimal digits. A service would answer
  /// that before any code of ours sees the request, without the error envelope.
  record Malformed() implements Route {}

  /// Nobody does.
  ///
  /// @param secured whether the key is asked for before saying so
  record Nobody(boolean secured) implements Route {}

  /// The largest body, in bytes.
  long BODY_BYTES_MAX = 32L * 1024 * 1024;

  /// The largest body of an upload, in bytes: a file of 500 MB and the form around it.
  long UPLOAD_BYTES_MAX = 500L * 1024 * 1024 + 64 * 1024;

  Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  /// The route of `path`, which starts with a slash and has no query.
  static Route of(String path) {
    if (BROKEN_ESCAPE.matcher(path).find()) {
      return new Malformed();
    }
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
      case "sessions" -> new To(Service.SESSION_LOG);
      case "files" ->
          segments.length == 3
              ? new To(Service.SESSION_LOG, UPLOAD_BYTES_MAX)
              : new To(Service.SESSION_LOG);
      case "vaults" -> new To(Service.VAULT_PROXY);
      default -> new Nobody(true);
    };
  }
}
