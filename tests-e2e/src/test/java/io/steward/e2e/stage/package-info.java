/// What the scenarios stand on: a running Steward, a scripted model, clients, and open sessions
/// whose events are collected. Nothing here asserts anything but its own preconditions.
@NullMarked
package io.steward.e2e.stage;

import org.jspecify.annotations.NullMarked;
