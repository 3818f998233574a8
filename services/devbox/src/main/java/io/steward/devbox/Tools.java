package io.steward.devbox;

import io.steward.devbox.settings.SandboxDriver;
import io.steward.devbox.settings.Settings;
import io.steward.devbox.settings.StartRefused;
import io.steward.devbox.supervise.Launch;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The tools of the operating system that a start needs.
final class Tools {
  private Tools() {}

  /// @throws StartRefused naming the first that is missing
  static void require(Settings settings, Map<String, String> environment) throws StartRefused {
    boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
    for (String tool : linux ? List.of("setsid", "setpriv") : List.of("perl")) {
      if (!Launch.onPath(tool, environment)) {
        throw new StartRefused(
            "The tool " + tool + " is missing" + (linux ? "; install util-linux." : "."));
      }
    }
    if (settings.sandbox() == SandboxDriver.BUBBLEWRAP && !Launch.onPath("bwrap", environment)) {
      throw new StartRefused(
          "STEWARD_SANDBOX is \"bubblewrap\" and the tool bwrap is missing; install bubblewrap.");
    }
  }
}
