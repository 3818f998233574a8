package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The options of bubblewrap for one sandbox: what the inside sees, and nothing else.
record BubblewrapArguments(
    SessionDirectory directory, SandboxLimits limits, List<Path> readOnlyPaths) {
  private static final List<String> SYSTEM =
      List.of("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");

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

  List<String> list() throws IOException {
    List<String> all = new ArrayList<>();
    add(all, "--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent");
    add(all, "--new-session", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000");
    add(all, "--hostname", "sandbox", "--clearenv");
    addSystem(all);
    addEtc(all);
    String tmpBytes = Long.toString(limits.tmpBytesMax());
    add(all, "--proc", "/proc", "--dev", "/dev");
    add(all, "--size", tmpBytes, "--perms", "1777", "--tmpfs", "/tmp");
    add(all, "--size", tmpBytes, "--perms", "1777", "--tmpfs", "/dev/shm");
    addSession(all);
    add(all, "--remount-ro", "/dev", "--remount-ro", "/");
    return List.copyOf(all);
  }

  private void addSystem(List<String> all) throws IOException {
    add(all, "--ro-bind", "/usr", "/usr");
    for (String name : SYSTEM) {
      Path path = Path.of(name);
      if (Files.isSymbolicLink(path)) {
        add(all, "--symlink", Files.readSymbolicLink(path).toString(), name);
      } else {
        add(all, "--ro-bind-try", name, name);
      }
    }
    for (Path path : readOnlyPaths) {
      add(all, "--ro-bind", path.toString(), path.toString());
    }
  }

  private void addEtc(List<String> all) throws IOException {
    for (String name : ETC) {
      add(all, "--ro-bind-try", name, name);
    }
    for (String prefix : ETC_PREFIXES) {
      try (var found = Files.newDirectoryStream(Path.of("/etc"), prefix + "*")) {
        found.forEach(path -> add(all, "--ro-bind-try", path.toString(), path.toString()));
      }
    }
    for (String name : List.of("passwd", "group", "hosts", "nsswitch.conf")) {
      add(all, "--ro-bind", directory.control().resolve("etc/" + name).toString(), "/etc/" + name);
    }
  }

  private void addSession(List<String> all) {
    add(all, "--bind", directory.workspace().toString(), "/workspace");
    add(all, "--bind", directory.home().toString(), "/home/agent");
    add(all, "--bind", directory.outputs().toString(), "/mnt/session/outputs");
    add(all, "--ro-bind", directory.uploads().toString(), "/mnt/session/uploads");
    add(all, "--ro-bind", directory.toolOutputs().toString(), "/mnt/session/tool-outputs");
    add(all, "--ro-bind", directory.control().toString(), "/run/steward");
    add(all, "--chdir", "/workspace");
    variable(all, "PATH", "/usr/local/bin:/usr/bin:/bin");
    variable(all, "LANG", "C.UTF-8");
    variable(all, "SHIM", "1");
    variable(all, "SHIM_ISOLATED", "yes");
    variable(all, "SHIM_CONTROL", "/run/steward");
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
