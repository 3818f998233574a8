package io.steward.sandbox.driver;

import io.steward.sandbox.egress.WayOut;
import io.steward.sandbox.shim.FileInputs;
import io.steward.sandbox.shim.LocalProcess;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Runs tools as ordinary processes of this user: no isolation at all. A command can read what the
/// service can read and reach what it can reach. For people who know why they ask for it.
public final class ProcessDriver implements SandboxDriver {
  public static final String NAME = "process";

  private final Path root;
  private final SandboxLimits limits;
  private final ParentThread parent;

  public ProcessDriver(Path root, SandboxLimits limits, ParentThread parent) {
    this.root = root.toAbsolutePath().normalize();
    this.limits = limits;
    this.parent = parent;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Opening open(
      SessionId session, Optional<InstalledPackages> packages, Optional<WayOut> wayOut)
      throws IOException {
    SessionDirectory directory = SessionDirectory.of(root, session);
    directory.prepare(OptionalInt.empty());
    directory.writeSurroundings(
        packages.map(shown ->
            new PackageView(shown.directory(), shown.directory(), PackageView.SystemView.PREFIX)),
        wayOut.map(way -> new NetworkView(way, false, directory.etc())),
        OptionalInt.empty());
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                "/bin/bash",
                "--noprofile",
                "--norc",
                directory.control().resolve("shim").toString()));
    builder.directory(directory.workspace().toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.putAll(environment(directory, limits));
    String incarnation = Ids.random("sbx_");
    String mark = directory.path() + ":" + incarnation;
    environment.put(MarkedProcesses.VARIABLE, mark);
    Process process = parent.start(builder);
    Optional<InstalledPackages> kept = packages.map(InstalledPackages::share);
    Runnable afterEnd =
        () -> {
          MarkedProcesses.end(mark::equals);
          kept.ifPresent(InstalledPackages::close);
        };
    Sandbox sandbox =
        new Sandbox(
            incarnation,
            new LocalProcess(process),
            new FileInputs(directory.control().resolve("calls")),
            new Sandbox.Traits(
                false,
                false,
                limits.stopGrace(),
                new Sandbox.OutputDirectory(
                    directory.toolOutputs(), directory.toolOutputs().toString()),
                afterEnd));
    return new Opening.Opened(sandbox);
  }

  /// Ends what sandboxes of an earlier life of this service left running. Only for who holds the
  /// directory of the sandboxes.
  public void endLeftovers() {
    MarkedProcesses.end(mark -> mark.startsWith(root + "/"));
  }

  private static Map<String, String> environment(SessionDirectory directory, SandboxLimits limits) {
    return Map.ofEntries(
        Map.entry("PATH", "/usr/local/bin:/usr/bin:/bin"),
        Map.entry("LANG", "C.UTF-8"),
        Map.entry("SHIM", "1"),
        Map.entry("SHIM_ISOLATED", "no"),
        Map.entry("SHIM_CONTROL", directory.control().toString()),
        Map.entry("SHIM_WORKSPACE", directory.workspace().toString()),
        Map.entry("SHIM_HOME", directory.home().toString()),
        Map.entry("SHIM_TMP", "/tmp"),
        Map.entry("SHIM_OUTPUTS", directory.outputs().toString()),
        Map.entry("SHIM_UPLOADS", directory.uploads().toString()),
        Map.entry("SHIM_TOOL_OUTPUTS", directory.toolOutputs().toString()),
        Map.entry("SHIM_PROCESSES_MAX", "0"),
        Map.entry("SHIM_FILE_KIB_MAX", Long.toString(limits.workspaceBytesMax() / 1024)));
  }
}
