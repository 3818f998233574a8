/// The way out of a sandbox: who it is to the egress proxy, the relay that says so for it, and the
/// placeholders it holds instead of secrets.
@NullMarked
package io.steward.sandbox.egress;

import org.jspecify.annotations.NullMarked;
