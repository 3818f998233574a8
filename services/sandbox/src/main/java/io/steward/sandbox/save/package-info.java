/// Save points: what a session keeps on disk, as it was after its last call, in the blob store, so
/// that its next sandbox finds it on whatever machine it is made. Knows the file system and the
/// blob store, not the calls.
@NullMarked
package io.steward.sandbox.save;

import org.jspecify.annotations.NullMarked;
