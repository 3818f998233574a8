/// The embedded PostgreSQL: its binaries, its cluster on disk, and the command that runs it.
@NullMarked
package io.steward.devbox.postgres;

import org.jspecify.annotations.NullMarked;
