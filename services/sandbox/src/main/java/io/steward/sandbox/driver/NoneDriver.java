package io.steward.sandbox.driver;

import io.steward.sandbox.egress.WayOut;
import io.steward.schemas.id.SessionId;
import java.util.Optional;

/// No sandboxes: every tool call gets a clear error.
public final class NoneDriver implements SandboxDriver {
  public static final String NAME = "none";

  private final String reason;

  /// @param reason one sentence for the model
  public NoneDriver(String reason) {
    this.reason = reason;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Opening open(
      SessionId session, Optional<InstalledPackages> packages, Optional<WayOut> wayOut) {
    return new Opening.Refused(reason);
  }
}
