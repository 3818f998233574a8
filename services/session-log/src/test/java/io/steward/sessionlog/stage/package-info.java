/// What integration tests act on: the packaged service, and what other services would write.
@NullMarked
package io.steward.sessionlog.stage;

import org.jspecify.annotations.NullMarked;
