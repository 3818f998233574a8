package io.steward.sandbox.driver;

import io.steward.sandbox.egress.WayOut;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the inside of a sandbox knows of its way out.
///
/// @param relayed whether a relay says who the sandbox is. Else it has to do so itself, and the
///   token is among its variables
/// @param trust the directory with the [TrustFiles], as the inside sees it
record NetworkView(WayOut wayOut, boolean relayed, Path trust) {
  /// What a sandbox with a relay has in place of the proxy. The script `shim` listens there.
  private static final String RELAY_URL = "http://127.0.0.1:3128";

  private static final String NOT_PROXIED = "localhost,127.0.0.1,::1";

  /// Variables for the agent's shell.
  Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>(wayOut.placeholders());
    String url =
        relayed ? RELAY_URL : "http://sandbox:" + wayOut.token().reveal() + "@" + wayOut.proxy();
    variables.put("HTTP_PROXY", url);
    variables.put("HTTPS_PROXY", url);
    variables.put("http_proxy", url);
    variables.put("https_proxy", url);
    variables.put("NO_PROXY", NOT_PROXIED);
    variables.put("no_proxy", NOT_PROXIED);
    variables.put("NODE_USE_ENV_PROXY", "1");
    if (wayOut.authorityPem().isPresent()) {
      variables.putAll(TrustFiles.environment(trust));
    }
    return variables;
  }
}
