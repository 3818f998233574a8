package io.steward.sandbox.driver;

import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.ShellEnd;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Sandboxes of Linux namespaces, made by bubblewrap without a daemon, limited by control groups
/// where this process may make some and by resource limits everywhere.
///
/// As root it first gives up its user for [#HOST_USER], which owns nothing else, so that even a
/// process that got out of its namespaces could do little. The session's directory is then reached
/// through a bind mount in a mount namespace nobody else sees, because directories above it may be
/// closed to that user.
public final class BubblewrapDriver implements SandboxDriver {
  public static final String NAME = "bubblewrap";

  /// The user of the host that sandboxes run as when the service is root.
  static final int HOST_USER = 61000;

  private static final Duration PROBE_SECONDS_MAX = Duration.ofSeconds(10);

  private final Path root;
  private final SandboxLimits limits;
  private final ParentThread parent;
  private final ControlGroups groups;
  private final List<Path> readOnlyPaths;

  /// @param readOnlyPaths directories of the host that sandboxes see beside the system's
  public BubblewrapDriver(
      Path root,
      SandboxLimits limits,
      ParentThread parent,
      ControlGroups groups,
      List<Path> readOnlyPaths) {
    this.root = root.toAbsolutePath().normalize();
    this.limits = limits;
    this.parent = parent;
    this.groups = groups;
    this.readOnlyPaths = List.copyOf(readOnlyPaths);
  }

  @Override
  public String name() {
    return NAME;
  }

  /// Runs a command in a real sandbox.
  ///
  /// @throws IOException with the reason why sandboxes do not work on this machine
  public void probe() throws IOException {
    SessionId session = SessionId.random(0);
    try {
      if (!(open(session) instanceof Opening.Opened(Sandbox sandbox))) {
        throw new IOException("bubblewrap gave no sandbox");
      }
      try (sandbox) {
        ShellEnd end = sandbox.run("true", (_, _, _) -> {}, PROBE_SECONDS_MAX, new Cancellation());
        if (!end.equals(new ShellEnd.Exited(0))) {
          throw new IOException("a command in a trial sandbox did not end as it should: " + end);
        }
      }
    } finally {
      Trees.remove(SessionDirectory.of(root, session).path());
    }
  }

  @Override
  public Opening open(SessionId session) throws IOException {
    Path bwrap =
        Commands.find("bwrap").orElseThrow(() -> new IOException("bwrap is not installed"));
    boolean asRoot = Commands.isRoot();
    SessionDirectory directory = SessionDirectory.of(root, session);
    directory.prepare(asRoot ? OptionalInt.of(HOST_USER) : OptionalInt.empty());
    Path seen = asRoot ? Path.of("/tmp") : directory.path();
    BubblewrapArguments arguments =
        new BubblewrapArguments(new SessionDirectory(seen), limits, readOnlyPaths);
    Files.write(
        directory.path().resolve("bwrap.args"),
        (String.join("\0", arguments.list()) + "\0").getBytes(StandardCharsets.UTF_8));
    String incarnation = Ids.random("sbx_");
    ControlGroups.Group group = groups.create(incarnation, limits);
    try {
      ProcessBuilder builder = new ProcessBuilder(command(directory, bwrap, asRoot, group));
      builder.environment().clear();
      Process process = parent.start(builder);
      return new Opening.Opened(
          new Sandbox(
              incarnation,
              process,
              directory.control(),
              new Sandbox.Traits(
                  true,
                  limits.stopGrace(),
                  new Sandbox.OutputDirectory(directory.toolOutputs(), "/mnt/session/tool-outputs"),
                  group::remove)));
    } catch (IOException e) {
      group.remove();
      throw e;
    }
  }

  private List<String> command(
      SessionDirectory directory, Path bwrap, boolean asRoot, ControlGroups.Group group) {
    List<String> command = new ArrayList<>();
    if (asRoot) {
      command.addAll(List.of("/usr/bin/unshare", "--mount", "--propagation", "private", "--"));
    }
    String script = new String(SessionDirectory.resource("launch"), StandardCharsets.UTF_8);
    command.addAll(List.of("/bin/bash", "--noprofile", "--norc", "-c", script, "launch"));
    command.add(directory.path().toString());
    command.add(asRoot ? Integer.toString(HOST_USER) : "-");
    command.add(group.limitsMemory() ? "-" : Long.toString(limits.memoryBytesMax()));
    command.add(bwrap.toString());
    group.procsFiles().forEach(file -> command.add(file.toString()));
    return command;
  }
}
