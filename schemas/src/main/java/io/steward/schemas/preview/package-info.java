/// What of an answer can be seen before it is complete: records of `session-previews`. They are
/// lossy by contract, never stored and never listed (contract/events.md §3.4).
@NullMarked
package io.steward.schemas.preview;

import org.jspecify.annotations.NullMarked;
