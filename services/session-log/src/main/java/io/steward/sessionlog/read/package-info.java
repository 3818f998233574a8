/// Reading one session behind the barrier.
@NullMarked
package io.steward.sessionlog.read;

import org.jspecify.annotations.NullMarked;
