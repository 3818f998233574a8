package io.steward.sandbox.packages;

import io.steward.sandbox.driver.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What of this machine decides how packages come out: its distribution, its architecture, the
/// installers, and for apt what is installed already.
final class MachineState {
  private static final Map<Installer, String> PROGRAMS =
      Map.of(
          Installer.APT, "apt-get",
          Installer.CARGO, "cargo",
          Installer.GEM, "gem",
          Installer.GO, "go",
          Installer.NPM, "npm",
          Installer.PIP, "python3");
  private static final Path RELEASE = Path.of("/etc/os-release");
  private static final Path INSTALLED = Path.of("/var/lib/dpkg/status");

  private MachineState() {}

  /// A text that changes when `list` has to be installed again.
  static String of(PackageList list) throws IOException {
    StringBuilder base = new StringBuilder(System.getProperty("os.arch", ""));
    if (Files.exists(RELEASE)) {
      base.append("\n").append(Files.readString(RELEASE));
    }
    for (Installer manager : list.items().keySet()) {
      Optional<Path> program = Commands.find(PROGRAMS.getOrDefault(manager, manager.word()));
      base.append("\n").append(manager.word()).append(" ");
      if (program.isPresent()) {
        base.append(state(program.get().toRealPath()));
      }
    }
    if (list.items().containsKey(Installer.APT) && Files.exists(INSTALLED)) {
      base.append("\n").append(state(INSTALLED));
    }
    return base.toString();
  }

  private static String state(Path file) throws IOException {
    return file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file);
  }
}
