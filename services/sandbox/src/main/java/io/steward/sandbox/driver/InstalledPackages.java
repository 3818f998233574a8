package io.steward.sandbox.driver;

import java.nio.file.Path;

/// Packages of an environment on the disk of this machine, kept there for as long as this object is
/// not closed. Sandboxes see the directory read-only; it has a directory per package manager.
///
/// Safe from any thread. Closing again is no different from once.
public interface InstalledPackages extends AutoCloseable {
  /// Where they are on this machine.
  Path directory();

  /// The same packages for somebody else, who closes them on his own.
  InstalledPackages share();

  @Override
  void close();
}
