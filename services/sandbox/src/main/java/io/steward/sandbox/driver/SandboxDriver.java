package io.steward.sandbox.driver;

import io.steward.sandbox.egress.WayOut;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/// Makes sandboxes. A driver keeps no list of them: whoever opened one closes it.
///
/// Two sandboxes of one session never exist at the same time; what they share is the session's
/// directory. Opening is safe from any thread.
public interface SandboxDriver {
  /// How long a sandbox may take until it takes orders.
  Duration START_MAX = Duration.ofSeconds(20);

  /// How the driver is called in configuration, events and logs.
  String name();

  /// The user of the machine who owns what belongs to the agent; empty when it is this one.
  default OptionalInt owner() {
    return OptionalInt.empty();
  }

  /// Whether sandboxes go on without the service and can be reattached.
  default boolean isLasting() {
    return false;
  }

  /// A new sandbox without packages and without a way out, which takes orders.
  ///
  /// @throws IOException as the other does, and when it does not start
  default Opening open(SessionId session) throws IOException {
    Opening opening = open(session, Optional.empty(), Optional.empty());
    if (opening instanceof Opening.Opened(Sandbox sandbox, _)) {
      sandbox.awaitStart(START_MAX);
    }
    return opening;
  }

  /// A new sandbox on the directory of the session, or the reason why there is none.
  ///
  /// @param packages what the sandbox sees installed; stays the caller's, and the sandbox keeps its
  ///   own share until it ended
  /// @param wayOut how what runs there gets out; else it does not, if the driver isolates
  /// @throws IOException when the machine refuses what the driver needs; a later try may succeed
  Opening open(SessionId session, Optional<InstalledPackages> packages, Optional<WayOut> wayOut)
      throws IOException;

  /// Takes over a sandbox that an earlier life of this service, or another instance, left behind.
  /// Who had it hears that it is lost. Calls are asked for with [Sandbox#recall], and then
  /// [Sandbox#listen] is called, before anything else runs there.
  ///
  /// @param incarnation of the sandbox
  /// @return empty when it is gone, and from drivers whose sandboxes end with the service
  /// @throws IOException when that is not known now; a later try may succeed
  default Optional<Opening.Opened> reattach(SessionId session, String incarnation)
      throws IOException {
    return Optional.empty();
  }

  /// What came of opening.
  sealed interface Opening {
    /// The caller owns the sandbox, which may still be starting: [Sandbox#awaitStart] is called
    /// before anything runs in it.
    ///
    /// @param mirror keeps the directory of the session alike inside and here
    record Opened(Sandbox sandbox, Mirror mirror) implements Opening {
      /// A sandbox that lives on the directory itself.
      public Opened(Sandbox sandbox) {
        this(sandbox, Mirror.NONE);
      }
    }

    /// There is no place to run tools. The reason is meant for the model.
    record Refused(String reason) implements Opening {}
  }
}
