package io.steward.devbox.supervise;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How this machine starts a child: in its own session, so that Ctrl-C reaches only the supervisor,
/// and (on Linux) with a signal when the supervisor dies. The prefix replaces itself by the
/// program, so the process id is the program's.
public final class Launch {
  private final boolean setsid;
  private final boolean setpriv;

  private Launch(boolean setsid, boolean setpriv) {
    this.setsid = setsid;
    this.setpriv = setpriv;
  }

  /// What the machine offers, judged by the tools on `PATH`.
  public static Launch ofThisMachine(Map<String, String> environment) {
    boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
    return new Launch(
        linux && onPath("setsid", environment), linux && onPath("setpriv", environment));
  }

  /// Whether `tool` is an executable file in a directory of `PATH`.
  public static boolean onPath(String tool, Map<String, String> environment) {
    for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, tool))) {
        return true;
      }
    }
    return false;
  }

  List<String> command(Program program) {
    List<String> whole = new ArrayList<>();
    // The prefix comes first: a change of user clears the signal.
    whole.addAll(program.prefix());
    if (setpriv) {
      whole.addAll(List.of("setpriv", "--pdeathsig", program.stop().onParentDeath));
    }
    whole.addAll(program.command());
    return detached(whole);
  }

  /// `command` in a session of its own.
  List<String> detached(List<String> command) {
    List<String> whole = new ArrayList<>();
    if (setsid) {
      whole.add("setsid");
    } else {
      whole.addAll(List.of("perl", "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or exit 127"));
    }
    whole.addAll(command);
    return whole;
  }
}
