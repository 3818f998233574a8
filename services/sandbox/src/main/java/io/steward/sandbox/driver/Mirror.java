package io.steward.sandbox.driver;

import java.io.IOException;
import java.time.Duration;

/// Keeps the directory of a session alike inside a sandbox and on this machine, where they are two.
/// Safe from any thread; one thing happens at a time.
public interface Mirror {
  /// For sandboxes that live on the directory itself.
  Mirror NONE =
      new Mirror() {
        @Override
        public void push() {
          // There is one directory.
        }

        @Override
        public void pull(Duration age) {
          // There is one directory.
        }
      };

  /// Shows inside what this service changed here since the last time.
  ///
  /// @throws IOException when the inside may not have it all; the next time repairs that
  void push() throws IOException;

  /// Brings here what changed inside, unless that was done less than `age` ago.
  ///
  /// @throws IOException when something is missing here; what was here before is, and the next time
  ///   repairs it
  void pull(Duration age) throws IOException;
}
