/// Tests.
@NullMarked
package io.steward.sessionlog.secret;

import org.jspecify.annotations.NullMarked;
