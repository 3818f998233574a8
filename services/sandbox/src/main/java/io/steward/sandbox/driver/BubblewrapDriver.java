package io.steward.sandbox.driver;

import io.steward.sandbox.egress.EgressRelay;
import io.steward.sandbox.egress.WayOut;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.FileInputs;
import io.steward.sandbox.shim.LocalProcess;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.ShellEnd;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Sandboxes of Linux namespaces, made by bubblewrap without a daemon, limited by control groups
/// where this process may make some and by resource limits everywhere.
///
/// As root it first gives up its user for [#HOST_USER], which owns nothing else, so that even a
/// process that got out of its namespaces could do little.
public final class BubblewrapDriver implements SandboxDriver {
  public static final String NAME = "bubblewrap";

  /// The user of the host that sandboxes run as when the service is root.
  static final int HOST_USER = 61000;

  /// What sandboxes need to reach a relay. It has to be below `/usr`, which they see.
  private static final Path SOCAT = Path.of("/usr/bin/socat");

  private static final Duration PROBE_SECONDS_MAX = Duration.ofSeconds(10);

  private final Path root;
  private final SandboxLimits limits;
  private final ParentThread parent;
  private final ControlGroups groups;
  private final List<Path> readOnlyPaths;
  private PackageView.@Nullable SystemView systemView;

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

  @Override
  public OptionalInt owner() {
    return Commands.isRoot() ? OptionalInt.of(HOST_USER) : OptionalInt.empty();
  }

  /// Whether this machine has what sandboxes need to reach a relay.
  public static boolean hasEgress() {
    return Files.isExecutable(SOCAT);
  }

  /// Runs a command in a real sandbox.
  ///
  /// @throws IOException with the reason why sandboxes do not work on this machine
  public void probe() throws IOException {
    SessionId session = SessionId.random(0);
    try {
      if (!(open(session) instanceof Opening.Opened(Sandbox sandbox, _))) {
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
  public Opening open(
      SessionId session, Optional<InstalledPackages> packages, Optional<WayOut> wayOut)
      throws IOException {
    String incarnation = Ids.random("sbx_");
    Held held = hold(incarnation, packages, wayOut.isPresent());
    try {
      return new Opening.Opened(start(session, incarnation, packages, wayOut, held));
    } catch (IOException e) {
      held.release();
      throw e;
    }
  }

  private Sandbox start(
      SessionId session,
      String incarnation,
      Optional<InstalledPackages> packages,
      Optional<WayOut> wayOut,
      Held held)
      throws IOException {
    OptionalInt hostUser = owner();
    SessionDirectory directory = SessionDirectory.of(root, session);
    directory.prepare(hostUser);
    Optional<PackageView> view =
        packages.map(shown -> new PackageView(shown.directory(), PackageView.INSIDE, systemView()));
    directory.writeSurroundings(
        view,
        wayOut.map(way -> new NetworkView(way, true, BubblewrapArguments.ETC_INSIDE)),
        hostUser);
    Path socket = directory.egressSocket(incarnation);
    if (wayOut.isPresent()) {
      held.relay(socket, hostUser, wayOut.get());
    }
    Launch.Program program =
        new Launch.Program(
            new BubblewrapArguments(
                    new SessionDirectory(Launch.seen(directory.path(), hostUser)),
                    limits,
                    readOnlyPaths,
                    view.map(shown ->
                        new BubblewrapArguments.Packages(
                            shown, Launch.seenPackages(shown.directory(), hostUser))),
                    wayOut.map(way -> egress(way, socket)))
                .list(),
            List.of("/bin/bash", "--noprofile", "--norc", "/run/steward/shim"));
    Launch launch =
        new Launch(
            directory.path(),
            hostUser,
            packages.map(shown -> Map.of(Launch.PACKAGES, shown.directory())).orElse(Map.of()),
            mount(view));
    return new Sandbox(
        incarnation,
        new LocalProcess(parent.start(launch.prepare(program, held.group, limits))),
        new FileInputs(directory.control().resolve("calls")),
        new Sandbox.Traits(
            true,
            false,
            limits.stopGrace(),
            new Sandbox.OutputDirectory(directory.toolOutputs(), "/mnt/session/tool-outputs"),
            held::release));
  }

  /// What a sandbox holds of the machine until nothing of it is left.
  private static final class Held {
    private final ControlGroups.Group group;
    private final Optional<InstalledPackages> packages;
    private @Nullable EgressRelay relay;

    Held(ControlGroups.Group group, Optional<InstalledPackages> packages) {
      this.group = group;
      this.packages = packages;
    }

    void relay(Path socket, OptionalInt user, WayOut way) throws IOException {
      relay = EgressRelay.open(socket, user, way.proxy(), way.token(), way.trace());
    }

    void release() {
      EgressRelay opened = relay;
      if (opened != null) {
        opened.close();
      }
      group.remove();
      packages.ifPresent(InstalledPackages::close);
    }
  }

  private Held hold(String incarnation, Optional<InstalledPackages> packages, boolean egress) {
    return new Held(
        groups.create(incarnation, egress ? limits.withEgress() : limits),
        packages.map(InstalledPackages::share));
  }

  private static BubblewrapArguments.Egress egress(WayOut way, Path socket) {
    return new BubblewrapArguments.Egress(
        socket.getFileName().toString(),
        way.authorityPem().isPresent() ? TrustFiles.shownOver() : List.of());
  }

  private static Launch.SystemMount mount(Optional<PackageView> view) {
    boolean overlay =
        view.isPresent()
            && view.get().hasSystem()
            && view.get().system() == PackageView.SystemView.MOUNTED;
    return overlay ? Launch.SystemMount.OVERLAY : Launch.SystemMount.NOTHING;
  }

  /// Found out when it is first needed, because it takes a moment and most sandboxes need none.
  private synchronized PackageView.SystemView systemView() {
    PackageView.SystemView known = systemView;
    if (known == null) {
      known = Launch.systemView();
      systemView = known;
    }
    return known;
  }
}
