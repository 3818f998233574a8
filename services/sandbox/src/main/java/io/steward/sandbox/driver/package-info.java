/// Where sandboxes come from: the driver port, its local drivers and what the host must have ready
/// for them. The host never opens a path that the inside of a sandbox can write, except through
/// [io.steward.sandbox.driver.PinnedPath], so no symlink leads out.
@NullMarked
package io.steward.sandbox.driver;

import org.jspecify.annotations.NullMarked;
