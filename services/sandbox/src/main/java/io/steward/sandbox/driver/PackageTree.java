package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Installed packages as installers left them on this machine. Installers run code of strangers
/// that can put a symlink anywhere below, and mounts are made by paths of the machine: so nothing
/// here follows one, and only what is a directory or file of its own is ever mounted.
///
/// @param directory with a directory per manager
public record PackageTree(Path directory) {
  /// Entries at the top of `/etc`, and of `/opt`, that a sandbox shows.
  private static final int ADDITIONS_MAX = 1_000;

  private static final String APT = "apt";
  private static final List<String> TOPS = List.of("etc", "opt");

  /// Entries that are never taken from packages: the sandbox has its own.
  private static final Map<String, Set<String>> KEPT =
      Map.of(
          "etc",
          Set.of("passwd", "group", "hosts", "nsswitch.conf", "resolv.conf", "shadow", "ssl"),
          "opt",
          Set.of("steward"));

  /// What of `/etc` and `/opt` apt packages bring.
  ///
  /// @param mounted files and directories: what each is called inside, by its path relative to the
  ///   tree
  /// @param links what each symlink says, by what it is called inside
  public record Additions(Map<String, String> mounted, Map<String, String> links) {
    public Additions {
      mounted = Map.copyOf(mounted);
      links = Map.copyOf(links);
    }
  }

  /// Why no sandbox may see the tree, as a sentence; empty when it may. To be asked when no
  /// installer runs any more.
  public Optional<String> trouble() throws IOException {
    for (String name : List.of("", APT, "apt/usr", "apt/etc", "apt/opt")) {
      Path path = directory.resolve(name);
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !isDirectory(path)) {
        return Optional.of(
            "The packages made `%s` something else than a directory of its own, so they are not used."
                .formatted(name.isEmpty() ? "their directory" : name));
      }
    }
    for (String top : TOPS) {
      if (hasOwn(top)) {
        try (Stream<Path> entries = Files.list(directory.resolve(APT).resolve(top))) {
          if (entries.limit(ADDITIONS_MAX + 1L).count() > ADDITIONS_MAX) {
            return Optional.of(
                "The packages have more than %d entries in `/%s`, the most that is allowed."
                    .formatted(ADDITIONS_MAX, top));
          }
        }
      }
    }
    return Optional.empty();
  }

  /// Whether apt packages brought something below `/usr`.
  public boolean hasSystem() {
    return hasOwn("usr");
  }

  /// What an isolated sandbox shows at the top of `/etc` and `/opt`. Names and links that are not
  /// plain text, devices and sockets are left out.
  public Additions additions() throws IOException {
    Map<String, String> mounted = new TreeMap<>();
    Map<String, String> links = new TreeMap<>();
    for (String top : TOPS) {
      if (!hasOwn(top)) {
        continue;
      }
      try (Stream<Path> entries = Files.list(directory.resolve(APT).resolve(top))) {
        for (Path entry : (Iterable<Path>) entries.limit(ADDITIONS_MAX)::iterator) {
          String name = FileNames.text(entry.getFileName()).orElse("");
          if (name.isEmpty() || KEPT.getOrDefault(top, Set.of()).contains(name)) {
            continue;
          }
          String inside = "/" + top + "/" + name;
          BasicFileAttributes seen =
              Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
          if (seen.isDirectory() || seen.isRegularFile()) {
            mounted.put(APT + inside, inside);
          } else if (seen.isSymbolicLink()) {
            linkText(entry).ifPresent(text -> links.put(inside, text));
          }
        }
      }
    }
    return new Additions(mounted, links);
  }

  private static Optional<String> linkText(Path link) throws IOException {
    String text = Files.readSymbolicLink(link).toString();
    return Optional.of(text).filter(plain -> plain.chars().allMatch(c -> c >= ' ' && c <= '~'));
  }

  /// Whether `apt/NAME` is a directory, reached through directories.
  boolean hasOwn(String name) {
    Path apt = directory.resolve(APT);
    return isDirectory(directory) && isDirectory(apt) && isDirectory(apt.resolve(name));
  }

  private static boolean isDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }
}
