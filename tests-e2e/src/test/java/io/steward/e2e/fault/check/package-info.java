/// What must hold for a session after faults, as pure functions on what was sent, listed, streamed
/// and asked. Knows nothing of how it was gathered.
@NullMarked
package io.steward.e2e.fault.check;

import org.jspecify.annotations.NullMarked;
