package io.steward.sandbox.packages;

import io.steward.sandbox.driver.BubblewrapArguments;
import io.steward.sandbox.driver.Commands;
import io.steward.sandbox.driver.ControlGroups;
import io.steward.sandbox.driver.Launch;
import io.steward.sandbox.driver.Launch.SystemMount;
import io.steward.sandbox.driver.PackageTree;
import io.steward.sandbox.driver.PackageView;
import io.steward.sandbox.driver.PackageView.SystemView;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.schemas.id.Ids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Runs installers isolated as sandboxes are, with three differences: they reach the network, they
/// write the packages' directory, and they see what the operator tells them. What apt packages run
/// after they were unpacked gets neither the network nor the operator's settings.
///
/// As root it gives up its user for [#HOST_USER], which is not the sandboxes': neither can write
/// what the other's are.
public final class BubblewrapWorkbench implements Workbench {
  /// The user of the machine that installers run as when the service is root.
  static final int HOST_USER = 61001;

  private static final Map<String, String> SYSTEM_FILES =
      Map.of(
          "passwd",
          "root:x:0:0:root:/root:/bin/sh\n"
              + "agent:x:1000:1000:agent:/tmp/home:/bin/bash\n"
              + "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
          "group",
          "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n");

  private final SandboxLimits limits;
  private final ControlGroups groups;
  private final ParentThread parent;
  private final OperatorSettings settings;
  private final SystemView system;
  private final OptionalInt hostUser;

  /// @param limits memory and processes an installer may use, as a sandbox's
  /// @param system how apt packages come below `/usr` here
  public BubblewrapWorkbench(
      SandboxLimits limits,
      ControlGroups groups,
      ParentThread parent,
      OperatorSettings settings,
      SystemView system) {
    this.limits = limits;
    this.groups = groups;
    this.parent = parent;
    this.settings = settings;
    this.system = system;
    this.hostUser = Commands.isRoot() ? OptionalInt.of(HOST_USER) : OptionalInt.empty();
  }

  @Override
  public String name() {
    return runsScripts() ? "bubblewrap" : "bubblewrap-unprivileged";
  }

  @Override
  public boolean runsScripts() {
    return system == SystemView.MOUNTED;
  }

  @Override
  public void layOut(Place place) throws IOException {
    place.create();
    List<String> theirs = new ArrayList<>();
    for (Path path : List.of(place.packages(), place.tmp(), place.directory().resolve("work"))) {
      theirs.add(Files.createDirectories(path).toString());
    }
    Files.createDirectories(place.directory().resolve("system"));
    for (Map.Entry<String, String> file : SYSTEM_FILES.entrySet()) {
      Files.writeString(place.control().resolve(file.getKey()), file.getValue());
    }
    List<String> open = new ArrayList<>(List.of("chmod", "-R", "u=rwX,go=rX", "--"));
    open.add(place.directory().toString());
    Commands.run(open);
    if (hostUser.isPresent()) {
      String owner = hostUser.getAsInt() + ":" + hostUser.getAsInt();
      List<String> chown = new ArrayList<>(List.of("chown", "-hR", owner, "--"));
      chown.addAll(theirs);
      Commands.run(chown);
    }
  }

  @Override
  public Running start(Place place, String phase, List<String> items) throws IOException {
    boolean scripts = phase.equals(Installation.SCRIPTS);
    boolean overlaid =
        runsScripts()
            && !phase.equals(Installer.APT.word())
            && new PackageTree(place.packages()).hasSystem();
    if (scripts) {
      removeLinks(place);
    }
    Launch launch =
        new Launch(
            place.directory(),
            hostUser,
            scripts ? Map.of() : binds(place),
            scripts ? SystemMount.BUILD : overlaid ? SystemMount.OVERLAY : SystemMount.NOTHING);
    List<String> command = new ArrayList<>(List.of("/bin/bash", "--noprofile", "--norc"));
    command.addAll(List.of("/run/steward/install", phase, PackageView.INSIDE.toString(), "/tmp"));
    command.addAll(items);
    Place seen = new Place(Launch.seen(place.directory(), hostUser));
    List<String> options = scripts ? scriptOptions(seen) : installerOptions(place, seen, overlaid);
    ControlGroups.Group group = groups.create(Ids.random("sbx_"), limits);
    try {
      ProcessBuilder builder = launch.prepare(new Launch.Program(options, command), group, limits);
      return new Running(parent.start(builder.redirectErrorStream(true)), group::remove);
    } catch (IOException e) {
      group.remove();
      throw e;
    }
  }

  /// What the operator shows and the machine has, by where in the place it is mounted.
  private Map<String, OperatorSettings.Shown> shownFiles() {
    Map<String, OperatorSettings.Shown> found = new LinkedHashMap<>();
    for (OperatorSettings.Shown shown : settings.files()) {
      if (Files.exists(shown.machine())) {
        found.put("control/shown-" + found.size(), shown);
      }
    }
    return found;
  }

  private Map<String, Path> binds(Place place) throws IOException {
    Map<String, Path> binds = new LinkedHashMap<>();
    for (Map.Entry<String, OperatorSettings.Shown> shown : shownFiles().entrySet()) {
      Path machine = shown.getValue().machine();
      Path point = place.directory().resolve(shown.getKey());
      if (Files.isDirectory(machine)) {
        Files.createDirectories(point);
      } else if (!Files.exists(point)) {
        Files.createFile(point);
      }
      binds.put(shown.getKey(), machine);
    }
    return binds;
  }

  private List<String> installerOptions(Place place, Place seen, boolean overlaid)
      throws IOException {
    List<String> all = new ArrayList<>(common(seen));
    String usr = overlaid ? seen.directory().resolve("system").toString() : "/usr";
    add(all, "--share-net", "--uid", "1000", "--gid", "1000", "--ro-bind", usr, "/usr");
    all.addAll(BubblewrapArguments.etc());
    PackageTree.Additions additions = new PackageTree.Additions(Map.of(), Map.of());
    if (overlaid) {
      additions = new PackageTree(place.packages()).additions();
      BubblewrapArguments.addMounts(all, additions, seen.packages());
    }
    for (String name : SYSTEM_FILES.keySet()) {
      add(all, "--ro-bind", seen.control().resolve(name).toString(), "/etc/" + name);
    }
    for (String name : List.of("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf")) {
      if (Files.exists(Path.of(name))) {
        add(all, "--ro-bind", Path.of(name).toRealPath().toString(), name);
      }
    }
    add(all, "--ro-bind-try", "/var/lib/dpkg", "/var/lib/dpkg");
    shownFiles()
        .forEach((name, shown) -> {
          Path from = hostUser.isPresent() ? seen.directory().resolve(name) : shown.machine();
          add(all, "--ro-bind", from.toString(), shown.inside().toString());
        });
    BubblewrapArguments.addLinks(all, additions);
    settings.environment().forEach((name, value) -> add(all, "--setenv", name, value));
    addVariables(all);
    add(all, "--remount-ro", "/dev", "--remount-ro", "/");
    return all;
  }

  /// Removes symlinks that stand where this service mounts its own files for scripts.
  private static void removeLinks(Place place) throws IOException {
    for (String name : SYSTEM_FILES.keySet()) {
      Path path = place.packages().resolve("apt/etc").resolve(name);
      if (Files.isSymbolicLink(path)) {
        Files.delete(path);
      }
    }
  }

  private static List<String> scriptOptions(Place seen) throws IOException {
    List<String> all = new ArrayList<>(common(seen));
    add(all, "--uid", "0", "--gid", "0");
    add(all, "--bind", seen.directory().resolve("system").toString(), "/usr");
    add(all, "--bind", seen.packages().resolve("apt/etc").toString(), "/etc");
    add(all, "--bind", seen.tmp().resolve("var").toString(), "/var");
    for (String name : SYSTEM_FILES.keySet()) {
      add(all, "--ro-bind", seen.control().resolve(name).toString(), "/etc/" + name);
    }
    addVariables(all);
    return all;
  }

  private static List<String> common(Place seen) throws IOException {
    List<String> all = new ArrayList<>();
    add(all, "--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent");
    // As process 1 its end is the end of all it started: nothing writes packages afterwards.
    add(
        all,
        "--as-pid-1",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--hostname",
        "installer",
        "--clearenv");
    all.addAll(BubblewrapArguments.system());
    add(all, "--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm");
    add(all, "--bind", seen.tmp().toString(), "/tmp");
    add(all, "--bind", seen.packages().toString(), PackageView.INSIDE.toString());
    add(all, "--ro-bind", seen.control().toString(), "/run/steward", "--chdir", "/tmp");
    return all;
  }

  private static void addVariables(List<String> all) {
    add(all, "--setenv", "LANG", "C.UTF-8", "--setenv", "HOME", "/tmp/home");
    add(all, "--setenv", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  }

  private static void add(List<String> all, String... more) {
    all.addAll(List.of(more));
  }
}
