package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// How the inside of a sandbox finds installed packages.
///
/// @param directory where they are on this machine, with a directory per manager
/// @param inside what that directory is called in the sandbox
/// @param system how the files of apt packages come to be there
public record PackageView(Path directory, Path inside, SystemView system) {
  /// Where isolated sandboxes have their packages.
  public static final Path INSIDE = Path.of("/opt/steward/packages");

  private static final String PATH_OF_THE_SHELL =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /// How a sandbox sees files of apt packages that belong below `/usr`.
  public enum SystemView {
    /// Laid over the machine's, by a mount the service makes as root.
    MOUNTED,
    /// Laid over the machine's, by bubblewrap.
    BUBBLEWRAP,
    /// Only in the packages' directory, found by search paths.
    PREFIX
  }

  /// The packages themselves.
  PackageTree tree() {
    return new PackageTree(directory);
  }

  boolean hasSystem() {
    return tree().hasSystem();
  }

  /// Variables for the agent's shell.
  Map<String, String> environment() throws IOException {
    Map<String, String> variables = new LinkedHashMap<>();
    List<String> path = new ArrayList<>();
    for (String manager : List.of("cargo", "gem", "go", "npm", "pip")) {
      addIfThere(path, manager + "/bin");
    }
    addIfThere(variables, "PYTHONPATH", "pip");
    addIfThere(variables, "NODE_PATH", "npm/lib/node_modules");
    addIfThere(variables, "GEM_PATH", "gem");
    if (hasSystem() && system == SystemView.PREFIX) {
      addIfThere(path, "apt/usr/sbin");
      addIfThere(path, "apt/usr/bin");
      variables.put("LD_LIBRARY_PATH", String.join(":", libraries()));
    }
    if (!path.isEmpty()) {
      variables.put("PATH", String.join(":", path) + ":" + PATH_OF_THE_SHELL);
    }
    return variables;
  }

  /// The directories of shared libraries: Debian has one per architecture, such as
  /// `x86_64-linux-gnu`.
  private List<String> libraries() throws IOException {
    Path lib = directory.resolve("apt/usr/lib");
    if (!hasSystem() || !Files.isDirectory(lib, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(lib)) {
      return Stream.concat(
              entries
                  .flatMap(entry -> FileNames.text(entry.getFileName()).stream())
                  .filter(name -> name.contains("-linux-gnu"))
                  .sorted()
                  .map(name -> "apt/usr/lib/" + name),
              Stream.of("apt/usr/lib"))
          .map(name -> inside + "/" + name)
          .toList();
    }
  }

  private void addIfThere(List<String> path, String relative) {
    if (Files.isDirectory(directory.resolve(relative))) {
      path.add(inside.resolve(relative).toString());
    }
  }

  private void addIfThere(Map<String, String> variables, String name, String relative) {
    if (Files.isDirectory(directory.resolve(relative))) {
      variables.put(name, inside.resolve(relative).toString());
    }
  }
}
