/// session-log: append, read and stream the log of every session. Each feature has its own package;
/// `log`, `project` and `http` are what they stand on.
@NullMarked
package io.steward.sessionlog;

import org.jspecify.annotations.NullMarked;
