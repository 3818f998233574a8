/// The programs that are run: where they are built, their commands, their environments, their AOT
/// caches.
@NullMarked
package io.steward.devbox.program;

import org.jspecify.annotations.NullMarked;
