/// Asking for a change of a session: on the log, where the fold decides, and answered from the
/// record read back.
@NullMarked
package io.steward.sessionlog.ask;

import org.jspecify.annotations.NullMarked;
