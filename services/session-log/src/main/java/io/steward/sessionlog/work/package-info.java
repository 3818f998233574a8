/// What a worker of a self-hosted environment is asked to do: the work item and its transitions,
/// which are pure, what a session's records mean for it, and its rows.
@NullMarked
package io.steward.sessionlog.work;

import org.jspecify.annotations.NullMarked;
