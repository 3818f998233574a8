/// The loop of one partition: read, fold, decide, perform.
///
/// A loop is one virtual thread; everything that waits (commits, model calls, queries) runs on
/// others and comes back to it as [Mail], so nothing here is locked. State changes only by folding
/// a record that was read back, and a session with an outcome under way is not decided again before
/// that.
@NullMarked
package io.steward.harness.partition;

import org.jspecify.annotations.NullMarked;
