package io.steward.sandbox.driver.remote;

import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Surroundings;
import io.steward.sandbox.egress.WayOut;
import io.steward.sandbox.shim.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What a driver whose sandboxes are elsewhere needs: what to run there, and how to connect to it.
///
/// The main process is [#bootCommand] with [#environment]. It needs bash and coreutils, and a
/// writable directory for each of the [Places]. Then [#open] makes a sandbox of it, once; who comes
/// later uses [#reattach].
public final class RemoteShim {
  private static final String BASH = "bash";
  private static final String NO_PROFILE = "--noprofile";
  private static final String NO_RC = "--norc";

  /// Waits until the main process is as far as that somebody can attach.
  private static final String ATTACH =
      "cd \"$SHIM_CONTROL\" || exit 94\n"
          + "for ((tries = 0; tries < 500; tries++)); do\n"
          + "  if [ -e spool/frames/held ] && [ -e spool/output/held ]; then break; fi\n"
          + "  sleep 0.02\n"
          + "done\n"
          + "exec env SHIM=1 bash --noprofile --norc attach \"$@\"\n";

  private RemoteShim() {}

  /// Directories, as the inside calls them.
  ///
  /// @param control small, in memory if possible; see [#CONTROL_BYTES]
  public record Places(
      Path control,
      Path workspace,
      Path outputs,
      Path home,
      Path uploads,
      Path toolOutputs,
      Path tmp) {
    /// As the model knows them.
    public static final Places USUAL =
        new Places(
            Path.of("/run/steward"),
            Path.of("/workspace"),
            Path.of("/mnt/session/outputs"),
            Path.of("/home/agent"),
            Path.of("/mnt/session/uploads"),
            Path.of("/mnt/session/tool-outputs"),
            Path.of("/tmp"));
  }

  /// What the control directory has to have room for, in bytes: kept output and frames, and the
  /// largest input of a call twice.
  public static final long CONTROL_BYTES = 96L * 1024 * 1024;

  /// One sandbox elsewhere.
  ///
  /// @param session its directory here
  /// @param afterEnd ends it there; runs once, and not when this service only lets go of it
  public record Place(
      String incarnation,
      RemoteCommands commands,
      Places places,
      SessionDirectory session,
      SandboxLimits limits,
      RemoteMirror.Limits mirror,
      Runnable afterEnd) {}

  /// The command of the main process.
  public static List<String> bootCommand() {
    return List.of(
        BASH,
        NO_PROFILE,
        NO_RC,
        "-c",
        script("remote/boot"),
        "boot",
        script("shim"),
        script("tools"),
        script("remote/spool"),
        script("remote/attach"));
  }

  /// Variables of the main process, and of every command that is started beside it.
  ///
  /// @param isolated whether all processes it sees are those of this sandbox
  public static Map<String, String> environment(
      Places places, SandboxLimits limits, boolean isolated) {
    return Map.ofEntries(
        Map.entry("SHIM", "1"),
        Map.entry("SHIM_ISOLATED", isolated ? "yes" : "no"),
        Map.entry("SHIM_CONTROL", places.control().toString()),
        Map.entry("SHIM_WORKSPACE", places.workspace().toString()),
        Map.entry("SHIM_HOME", places.home().toString()),
        Map.entry("SHIM_TMP", places.tmp().toString()),
        Map.entry("SHIM_OUTPUTS", places.outputs().toString()),
        Map.entry("SHIM_UPLOADS", places.uploads().toString()),
        Map.entry("SHIM_TOOL_OUTPUTS", places.toolOutputs().toString()),
        Map.entry("SHIM_PROCESSES_MAX", "0"),
        Map.entry("SHIM_FILE_KIB_MAX", Long.toString(limits.workspaceBytesMax() / 1024)));
  }

  static List<String> attachCommand(
      String mode, String epoch, String framesFrom, String outputFrom) {
    return List.of(
        BASH, NO_PROFILE, NO_RC, "-c", ATTACH, "attach", mode, epoch, framesFrom, outputFrom);
  }

  /// Connects to a sandbox whose main process was just started, and shows it the files of its
  /// session.
  ///
  /// @throws IOException when it does not take orders in time; then it was ended
  public static SandboxDriver.Opening.Opened open(Place place, Optional<WayOut> wayOut)
      throws IOException {
    LastingConnection connection = new LastingConnection(place.commands(), true);
    try {
      place.session().prepare(OptionalInt.empty());
      connection.open();
    } catch (IOException e) {
      connection.kill();
      place.afterEnd().run();
      throw e;
    }
    StreamInputs inputs = new StreamInputs(connection.orders());
    RemoteMirror mirror = new RemoteMirror(place);
    Sandbox sandbox = sandbox(place, connection, inputs, mirror);
    sandbox.awaitStart(SandboxDriver.START_MAX);
    try {
      for (Map.Entry<String, byte[]> file :
          Surroundings.files(wayOut, place.places().control()).entrySet()) {
        inputs.putControl(file.getKey(), file.getValue());
      }
      sandbox.reload();
      mirror.push();
    } catch (IOException e) {
      sandbox.end("its files could not be shown");
      throw e;
    }
    return new SandboxDriver.Opening.Opened(sandbox, mirror);
  }

  /// Takes over a sandbox, see [SandboxDriver#reattach].
  ///
  /// @return empty when it is gone
  /// @throws IOException when it does not answer; it stays
  public static Optional<SandboxDriver.Opening.Opened> reattach(Place place) throws IOException {
    LastingConnection connection = new LastingConnection(place.commands(), false);
    try {
      place.session().prepare(OptionalInt.empty());
      connection.open();
    } catch (SandboxGoneException e) {
      connection.kill();
      return Optional.empty();
    } catch (IOException e) {
      connection.kill();
      throw e;
    }
    RemoteMirror mirror = new RemoteMirror(place);
    Sandbox sandbox = sandbox(place, connection, new StreamInputs(connection.orders()), mirror);
    sandbox.resume(SandboxDriver.START_MAX);
    mirror.adopt();
    return Optional.of(new SandboxDriver.Opening.Opened(sandbox, mirror));
  }

  private static Sandbox sandbox(
      Place place, LastingConnection connection, StreamInputs inputs, RemoteMirror mirror) {
    return new Sandbox(
        place.incarnation(),
        connection,
        inputs,
        new Sandbox.Traits(
            true,
            true,
            place.limits().stopGrace(),
            new Sandbox.OutputDirectory(
                place.session().toolOutputs(),
                place.places().toolOutputs().toString(),
                mirror::showToolOutputs),
            place.afterEnd()));
  }

  static String script(String name) {
    return new String(SessionDirectory.resource(name), StandardCharsets.UTF_8);
  }
}
