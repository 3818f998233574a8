/// Sandboxes that are somewhere else: reached by starting commands in them, each with three byte
/// streams. The shim there lives by itself, connections come and go, and files are kept alike on
/// both sides. Knows no transport: a driver gives
/// [io.steward.sandbox.driver.remote.RemoteCommands].
@NullMarked
package io.steward.sandbox.driver.remote;

import org.jspecify.annotations.NullMarked;
