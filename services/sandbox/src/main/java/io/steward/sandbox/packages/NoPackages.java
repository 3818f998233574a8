package io.steward.sandbox.packages;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.sandbox.shim.Cancellation;
import java.util.Optional;

/// For sandboxes whose programs are those of an image: packages are refused, not left out.
public final class NoPackages implements EnvironmentPackages {
  @Override
  public Outcome obtain(JsonNode environmentConfig, Cancellation cancellation) {
    return PackageList.of(environmentConfig).isEmpty()
        ? new Outcome.Ready(Optional.empty())
        : new Outcome.Failed(
            "The environment asks for packages, but sandboxes of this installation have the"
                + " programs of one image and no others. Take the packages out of the environment,"
                + " and ask the operator to put them into the image.");
  }
}
