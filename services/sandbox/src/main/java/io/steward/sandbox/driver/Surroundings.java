package io.steward.sandbox.driver;

import io.steward.sandbox.egress.WayOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What the agent's shell needs to find packages and the way out, and what it has to trust there.
public final class Surroundings {
  private Surroundings() {}

  /// Files of the control directory of a sandbox that says itself who it is, by their paths there.
  ///
  /// @param control the control directory, as the inside sees it
  /// @throws IOException when packages cannot be looked at
  public static Map<String, byte[]> files(Optional<WayOut> wayOut, Path control)
      throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    Path trust = control.resolve("etc");
    files.put(
        "environment",
        environment(Optional.empty(), wayOut.map(way -> new NetworkView(way, false, trust))));
    wayOut
        .flatMap(WayOut::authorityPem)
        .ifPresent(authority ->
            TrustFiles.contents(authority)
                .forEach((name, content) ->
                    files.put("etc/" + name, content.getBytes(StandardCharsets.ISO_8859_1))));
    return files;
  }

  /// Variables, as the shim reads them.
  static byte[] environment(Optional<PackageView> packages, Optional<NetworkView> network)
      throws IOException {
    Map<String, String> variables = new LinkedHashMap<>();
    network.ifPresent(view -> variables.putAll(view.environment()));
    if (packages.isPresent()) {
      variables.putAll(packages.get().environment());
    }
    StringBuilder text = new StringBuilder();
    variables.forEach((name, value) -> text.append(name + "=" + value + "\0"));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
