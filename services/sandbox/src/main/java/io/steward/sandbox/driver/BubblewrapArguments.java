package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The options of bubblewrap for one sandbox: what the inside sees, and nothing else.
///
/// @param directory the session's, as bubblewrap reaches it
/// @param readOnlyPaths directories of the machine that are shown beside the system's
/// @param packages the environment's
/// @param egress the way out
public record BubblewrapArguments(
    SessionDirectory directory,
    SandboxLimits limits,
    List<Path> readOnlyPaths,
    Optional<Packages> packages,
    Optional<Egress> egress) {
  /// Where the inside sees the control directory.
  private static final Path CONTROL = Path.of("/run/steward");

  /// Where the inside sees the files that stand for some of `/etc`.
  static final Path ETC_INSIDE = CONTROL.resolve("etc");

  private static final List<String> SYSTEM =
      List.of("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");

  private static final List<String> USR_OF_THE_MACHINE = List.of("--ro-bind", "/usr", "/usr");

  /// What programs need of `/etc`. None of these holds a secret; `/etc/ssl/private` is not there.
  private static final List<String> ETC =
      List.of(
          "/etc/alternatives",
          "/etc/ca-certificates",
          "/etc/ld.so.cache",
          "/etc/ld.so.conf",
          "/etc/ld.so.conf.d",
          "/etc/localtime",
          "/etc/mime.types",
          "/etc/perl",
          "/etc/pki/tls/certs",
          "/etc/protocols",
          "/etc/services",
          "/etc/ssl/certs",
          "/etc/ssl/openssl.cnf",
          "/etc/timezone");

  /// Directories of `/etc` that language packages of distributions link to, by the start of their
  /// names.
  private static final List<String> ETC_PREFIXES = List.of("java-", "python3");

  /// @param socket the name of the relay's socket in the control directory
  /// @param bundles paths of the machine over which the bundle of certificates is shown
  public record Egress(String socket, List<String> bundles) {
    public Egress {
      bundles = List.copyOf(bundles);
    }
  }

  /// @param view how the inside finds them
  /// @param seen the packages' directory, as bubblewrap reaches it
  public record Packages(PackageView view, Path seen) {
    /// Options for the directory that is shown as `/usr`.
    private List<String> usr(Path directory) {
      if (!view.hasSystem()) {
        return USR_OF_THE_MACHINE;
      }
      return switch (view.system()) {
        case MOUNTED -> List.of("--ro-bind", directory.resolve(Launch.SYSTEM).toString(), "/usr");
        case BUBBLEWRAP -> {
          String over = seen.resolve("apt/usr").toString();
          yield List.of("--overlay-src", "/usr", "--overlay-src", over, "--ro-overlay", "/usr");
        }
        case PREFIX -> USR_OF_THE_MACHINE;
      };
    }

    private void addTo(List<String> all) throws IOException {
      add(all, "--ro-bind", seen.toString(), view.inside().toString());
      PackageTree.Additions additions = view.tree().additions();
      addMounts(all, additions, seen);
      addLinks(all, additions);
    }
  }

  List<String> list() throws IOException {
    List<String> all = new ArrayList<>();
    add(all, "--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent");
    add(all, "--new-session", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000");
    add(all, "--hostname", "sandbox", "--clearenv");
    all.addAll(packages.map(shown -> shown.usr(directory.path())).orElse(USR_OF_THE_MACHINE));
    all.addAll(system());
    for (Path path : readOnlyPaths) {
      add(all, "--ro-bind", path.toString(), path.toString());
    }
    all.addAll(etc());
    addOwnEtc(all);
    if (packages.isPresent()) {
      packages.get().addTo(all);
    }
    String tmpBytes = Long.toString(limits.tmpBytesMax());
    add(all, "--proc", "/proc", "--dev", "/dev");
    add(all, "--size", tmpBytes, "--perms", "1777", "--tmpfs", "/tmp");
    add(all, "--size", tmpBytes, "--perms", "1777", "--tmpfs", "/dev/shm");
    addSession(all);
    add(all, "--remount-ro", "/dev", "--remount-ro", "/");
    return List.copyOf(all);
  }

  /// Options for the directories of programs and libraries beside `/usr`, as this machine has them.
  public static List<String> system() throws IOException {
    List<String> all = new ArrayList<>();
    for (String name : SYSTEM) {
      Path path = Path.of(name);
      if (Files.isSymbolicLink(path)) {
        add(all, "--symlink", Files.readSymbolicLink(path).toString(), name);
      } else {
        add(all, "--ro-bind-try", name, name);
      }
    }
    return all;
  }

  /// Options for the part of `/etc` that programs need.
  public static List<String> etc() throws IOException {
    List<String> all = new ArrayList<>();
    for (String name : ETC) {
      add(all, "--ro-bind-try", name, name);
    }
    for (String prefix : ETC_PREFIXES) {
      try (var found = Files.newDirectoryStream(Path.of("/etc"), prefix + "*")) {
        found.forEach(path -> add(all, "--ro-bind-try", path.toString(), path.toString()));
      }
    }
    return all;
  }

  /// Adds options for the files and directories of `additions`.
  ///
  /// @param seen the packages' directory, as bubblewrap reaches it
  public static void addMounts(List<String> all, PackageTree.Additions additions, Path seen) {
    additions.mounted().forEach((from, to) -> add(all, "--ro-bind", seen + "/" + from, to));
  }

  /// Adds options for the symlinks of `additions`: they are made inside and lead nowhere else.
  /// Where `all` shows something already, that stays.
  public static void addLinks(List<String> all, PackageTree.Additions additions) {
    List<String> shown = List.copyOf(all);
    additions
        .links()
        .forEach((name, text) -> {
          if (shown.stream().noneMatch(word -> word.equals(name) || word.startsWith(name + "/"))) {
            add(all, "--symlink", text, name);
          }
        });
  }

  private void addOwnEtc(List<String> all) {
    for (String name : List.of("passwd", "group", "hosts", "nsswitch.conf")) {
      add(all, "--ro-bind", directory.etc().resolve(name).toString(), "/etc/" + name);
    }
    String bundle = directory.etc().resolve(TrustFiles.BUNDLE).toString();
    egress.ifPresent(way -> way.bundles().forEach(path -> add(all, "--ro-bind", bundle, path)));
  }

  private void addSession(List<String> all) {
    add(all, "--bind", directory.workspace().toString(), "/workspace");
    add(all, "--bind", directory.home().toString(), "/home/agent");
    add(all, "--bind", directory.outputs().toString(), "/mnt/session/outputs");
    add(all, "--ro-bind", directory.uploads().toString(), "/mnt/session/uploads");
    add(all, "--ro-bind", directory.toolOutputs().toString(), "/mnt/session/tool-outputs");
    add(all, "--ro-bind", directory.control().toString(), CONTROL.toString());
    add(all, "--chdir", "/workspace");
    variable(all, "PATH", "/usr/local/bin:/usr/bin:/bin");
    variable(all, "LANG", "C.UTF-8");
    variable(all, "SHIM", "1");
    variable(all, "SHIM_ISOLATED", "yes");
    variable(all, "SHIM_CONTROL", CONTROL.toString());
    egress.ifPresent(way -> variable(all, "SHIM_EGRESS", CONTROL.resolve(way.socket()).toString()));
    variable(all, "SHIM_WORKSPACE", "/workspace");
    variable(all, "SHIM_HOME", "/home/agent");
    variable(all, "SHIM_TMP", "/tmp");
    variable(all, "SHIM_OUTPUTS", "/mnt/session/outputs");
    variable(all, "SHIM_UPLOADS", "/mnt/session/uploads");
    variable(all, "SHIM_TOOL_OUTPUTS", "/mnt/session/tool-outputs");
    int agentProcesses = limits.processesMax() - SandboxLimits.PROCESSES_RESERVED;
    variable(all, "SHIM_PROCESSES_MAX", Integer.toString(agentProcesses));
    variable(all, "SHIM_FILE_KIB_MAX", Long.toString(limits.workspaceBytesMax() / 1024));
  }

  private static void variable(List<String> all, String name, String value) {
    add(all, "--setenv", name, value);
  }

  private static void add(List<String> all, String... more) {
    all.addAll(List.of(more));
  }
}
