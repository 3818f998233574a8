/// Which partitions are ours: membership in the group, and how a partition is taken over.
///
/// Nothing is performed for a partition before its transactional id was taken, its unfinished
/// sessions are known and its position has passed the last stable offset.
@NullMarked
package io.steward.harness.takeover;

import org.jspecify.annotations.NullMarked;
