/// The threads of a session. A session that works alone has its primary thread only.
@NullMarked
package io.steward.sessionlog.thread;

import org.jspecify.annotations.NullMarked;
