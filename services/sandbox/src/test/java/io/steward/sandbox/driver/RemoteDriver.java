package io.steward.sandbox.driver;

import io.steward.sandbox.driver.remote.RemoteCommands;
import io.steward.sandbox.driver.remote.RemoteMirror;
import io.steward.sandbox.driver.remote.RemoteShim;
import io.steward.sandbox.driver.remote.SandboxGoneException;
import io.steward.sandbox.egress.WayOut;
import io.steward.sandbox.shim.LocalProcess;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Sandboxes that are elsewhere, as far as this service can tell: their files are below another
/// directory, and they are reached by starting commands only. Each is a tree of ordinary processes
/// that does not end with this one's objects.
public final class RemoteDriver implements SandboxDriver {
  private final Path root;
  private final Path elsewhere;
  private final SandboxLimits limits;
  private final RemoteMirror.Limits mirror;
  private final Map<SessionId, String> incarnations = new ConcurrentHashMap<>();
  private final List<Process> connections = new CopyOnWriteArrayList<>();
  private volatile boolean cut;

  /// @param root directory with a directory per session, as the service has it
  /// @param elsewhere directory with a directory per sandbox
  public RemoteDriver(Path root, Path elsewhere, SandboxLimits limits) {
    this.root = root.toAbsolutePath().normalize();
    this.elsewhere = elsewhere.toAbsolutePath().normalize();
    this.limits = limits;
    this.mirror =
        new RemoteMirror.Limits(limits.workspaceBytesMax(), 20_000, Duration.ofSeconds(30));
  }

  @Override
  public String name() {
    return "remote";
  }

  @Override
  public boolean isLasting() {
    return true;
  }

  /// The newest sandbox of `session`.
  public String incarnation(SessionId session) {
    return Optional.ofNullable(incarnations.get(session)).orElseThrow();
  }

  /// Ends all connections from this service; others can be made.
  public void breakConnections() {
    connections.forEach(Process::destroyForcibly);
    connections.clear();
  }

  /// Does what the death of this service does: no connection works any more, and nothing is ended.
  public void cut() {
    cut = true;
    breakConnections();
  }

  /// What the inside calls its directories.
  public RemoteShim.Places places(String incarnation) {
    Path machine = elsewhere.resolve(incarnation);
    return new RemoteShim.Places(
        machine.resolve("control"),
        machine.resolve("workspace"),
        machine.resolve("outputs"),
        machine.resolve("home"),
        machine.resolve("uploads"),
        machine.resolve("tool-outputs"),
        Path.of("/tmp"));
  }

  private String mark(String incarnation) {
    return elsewhere + ":" + incarnation;
  }

  /// Ends what runs in a sandbox, as the loss of its machine does.
  public void lose(String incarnation) throws IOException {
    MarkedProcesses.end(mark(incarnation)::equals);
    Trees.remove(elsewhere.resolve(incarnation));
  }

  @Override
  public Opening open(
      SessionId session, Optional<InstalledPackages> packages, Optional<WayOut> wayOut)
      throws IOException {
    String incarnation = Ids.random("sbx_");
    RemoteShim.Places places = places(incarnation);
    for (Path path :
        List.of(
            places.control(),
            places.workspace(),
            places.outputs(),
            places.home(),
            places.uploads(),
            places.toolOutputs())) {
      Files.createDirectories(path);
    }
    incarnations.put(session, incarnation);
    var _ = builder(incarnation, RemoteShim.bootCommand()).start();
    return RemoteShim.open(place(session, incarnation), wayOut);
  }

  @Override
  public Optional<Opening.Opened> reattach(SessionId session, String incarnation)
      throws IOException {
    return RemoteShim.reattach(place(session, incarnation));
  }

  private RemoteShim.Place place(SessionId session, String incarnation) {
    return new RemoteShim.Place(
        incarnation,
        commands(incarnation),
        places(incarnation),
        SessionDirectory.of(root, session),
        limits,
        mirror,
        () -> {
          if (cut) {
            return;
          }
          try {
            lose(incarnation);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /// Commands in a sandbox.
  public RemoteCommands commands(String incarnation) {
    return command -> {
      if (cut) {
        throw new IOException("this service is dead");
      }
      if (Files.notExists(elsewhere.resolve(incarnation))) {
        throw new SandboxGoneException("its machine was lost");
      }
      Process started = builder(incarnation, command).start();
      connections.add(started);
      return new LocalProcess(started);
    };
  }

  private ProcessBuilder builder(String incarnation, List<String> command) {
    List<String> all = new ArrayList<>(command);
    ProcessBuilder builder = new ProcessBuilder(all);
    builder.directory(elsewhere.resolve(incarnation).toFile());
    Map<String, String> environment =
        new HashMap<>(RemoteShim.environment(places(incarnation), limits, false));
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    environment.put(MarkedProcesses.VARIABLE, mark(incarnation));
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }
}
