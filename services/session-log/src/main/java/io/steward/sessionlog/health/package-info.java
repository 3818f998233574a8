/// Whether this replica may get requests.
@NullMarked
package io.steward.sessionlog.health;

import org.jspecify.annotations.NullMarked;
