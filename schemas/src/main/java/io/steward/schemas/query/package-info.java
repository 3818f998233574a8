/// How a new owner of a partition learns the state of its sessions: questions of the harness on
/// `session-queries`, answers of session-log on `session-snapshots` (architecture §3.2).
@NullMarked
package io.steward.schemas.query;

import org.jspecify.annotations.NullMarked;
