/// Lists of sessions and of events, with their cursors.
@NullMarked
package io.steward.sessionlog.list;

import org.jspecify.annotations.NullMarked;
