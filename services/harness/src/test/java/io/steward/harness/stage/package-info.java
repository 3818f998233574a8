/// What the harness meets in its tests: a real broker, a scripted model, and stand-ins for
/// session-log and sandbox on the real topics.
@NullMarked
package io.steward.harness.stage;

import org.jspecify.annotations.NullMarked;
