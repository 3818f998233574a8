/// The connection to the shim, the small script that is the parent of everything in a sandbox: the
/// shell that stays, the file tools, and how they are stopped. The protocol is described at the
/// head of the script. Bounded memory whatever the inside sends.
@NullMarked
package io.steward.sandbox.shim;

import org.jspecify.annotations.NullMarked;
