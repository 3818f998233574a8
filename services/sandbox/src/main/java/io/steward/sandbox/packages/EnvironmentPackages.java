package io.steward.sandbox.packages;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.shim.Cancellation;
import java.util.Optional;

/// Has the packages of environments ready. Safe from any thread; asking may take minutes.
@FunctionalInterface
public interface EnvironmentPackages {
  /// Installs nothing, whatever is asked: for where no tools run.
  EnvironmentPackages NOTHING = (_, _) -> new Outcome.Ready(Optional.empty());

  /// The packages `environmentConfig` names, installed if they are not yet.
  ///
  /// @param environmentConfig `config` of an environment
  /// @param cancellation ends waiting; what is being installed goes on, for the next who asks
  Outcome obtain(JsonNode environmentConfig, Cancellation cancellation);

  /// What came of asking.
  sealed interface Outcome {
    /// @param packages empty when none are asked for; the caller closes them
    record Ready(Optional<InstalledPackages> packages) implements Outcome {}

    /// @param reason for the agent and the client
    record Failed(String reason) implements Outcome {}

    record Canceled() implements Outcome {}
  }
}
