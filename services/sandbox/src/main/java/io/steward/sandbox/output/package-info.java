/// Publishes what the agent leaves in its outputs directory: finds new and changed files, copies
/// them to the blob store, and tells. The directory and all below it is hostile ground: it is read
/// through descriptors only, without following a symlink or waiting for anything.
@NullMarked
package io.steward.sandbox.output;

import org.jspecify.annotations.NullMarked;
