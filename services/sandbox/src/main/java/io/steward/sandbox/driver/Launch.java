package io.steward.sandbox.driver;

import static java.util.stream.Collectors.joining;

import io.steward.sandbox.driver.PackageView.SystemView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Starts bubblewrap by the script `launch`: in control groups, and as another user when this
/// process is root. Then the directory is reached through a bind mount in a mount namespace nobody
/// else sees, because directories above it may be closed to that user.
///
/// @param directory what the sandbox lives on; what is mounted on is there
/// @param hostUser the user to become, only as root
/// @param binds what is mounted in the directory, by its path there, only as root
/// @param system what is mounted on `system`, only as root
public record Launch(
    Path directory, OptionalInt hostUser, Map<String, Path> binds, SystemMount system) {
  /// Where packages are mounted in the directory.
  static final String PACKAGES = "packages";

  /// Where the system is mounted in the directory.
  static final String SYSTEM = "system";

  /// What is mounted on `system`.
  public enum SystemMount {
    NOTHING("-"),
    /// `/usr` with the files of `packages/apt/usr` laid over it, read-only.
    OVERLAY("overlay"),
    /// The same, and what is written goes to `packages/apt/usr`.
    BUILD("build");

    private final String word;

    SystemMount(String word) {
      this.word = word;
    }
  }

  /// What to start.
  ///
  /// @param options options of bubblewrap
  /// @param command what runs inside
  public record Program(List<String> options, List<String> command) {}

  /// Where the directory is for bubblewrap.
  public static Path seen(Path directory, OptionalInt hostUser) {
    return hostUser.isPresent() ? Path.of("/tmp") : directory;
  }

  /// Where packages are for bubblewrap.
  static Path seenPackages(Path packages, OptionalInt hostUser) {
    return hostUser.isPresent() ? Path.of("/tmp", PACKAGES) : packages;
  }

  /// How this machine can show apt packages below `/usr`. Tries it out.
  public static SystemView systemView() {
    if (Commands.isRoot()) {
      return canMount() ? SystemView.MOUNTED : SystemView.PREFIX;
    }
    return bubblewrapCan() ? SystemView.BUBBLEWRAP : SystemView.PREFIX;
  }

  private static boolean canMount() {
    try {
      Path trial = Files.createTempDirectory("steward-overlay-");
      try {
        Files.createDirectories(trial.resolve("over"));
        String mount =
            "cd \"$1\" && mount -t overlay overlay -o ro,lowerdir=over:/usr over && [ -d over/bin ]";
        List<String> command = new ArrayList<>(List.of("unshare", "--mount"));
        command.addAll(List.of("--propagation", "private", "--", "bash", "-c", mount, "trial"));
        command.add(trial.toString());
        return Commands.output(command).code() == 0;
      } finally {
        Trees.remove(trial);
      }
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean bubblewrapCan() {
    try {
      List<String> command = new ArrayList<>(List.of("bwrap", "--unshare-user"));
      command.addAll(List.of("--overlay-src", "/usr", "--overlay-src", "/usr/bin"));
      command.addAll(List.of("--ro-overlay", "/usr", "--symlink", "usr/lib", "/lib"));
      command.addAll(List.of("--symlink", "usr/lib64", "/lib64", "/usr/bin/true"));
      return Commands.output(command).code() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /// The process that becomes the sandbox, with an empty environment, not started.
  ///
  /// @throws IOException when bubblewrap is not installed or the directory cannot be written
  public ProcessBuilder prepare(Program program, ControlGroups.Group group, SandboxLimits limits)
      throws IOException {
    Path bwrap =
        Commands.find("bwrap").orElseThrow(() -> new IOException("bwrap is not installed"));
    write("bwrap.args", program.options());
    write("command.args", program.command());
    write(
        "binds.args",
        binds.entrySet().stream()
            .flatMap(bind -> Stream.of(bind.getValue().toString(), bind.getKey()))
            .toList());
    List<String> command = new ArrayList<>();
    if (hostUser.isPresent()) {
      command.addAll(List.of("/usr/bin/unshare", "--mount", "--propagation", "private", "--"));
    }
    String script = new String(SessionDirectory.resource("launch"), StandardCharsets.UTF_8);
    command.addAll(List.of("/bin/bash", "--noprofile", "--norc", "-c", script, "launch"));
    command.add(directory.toString());
    command.add(hostUser.isPresent() ? Integer.toString(hostUser.getAsInt()) : "-");
    command.add(group.limitsMemory() ? "-" : Long.toString(limits.memoryBytesMax()));
    command.add(bwrap.toString());
    command.add(system.word);
    group.procsFiles().forEach(file -> command.add(file.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    return builder;
  }

  private void write(String file, List<String> words) throws IOException {
    Files.write(
        directory.resolve(file),
        words.stream()
            .map(word -> word + "\0")
            .collect(joining())
            .getBytes(StandardCharsets.UTF_8));
  }
}
