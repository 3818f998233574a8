/// Tests.
@NullMarked
package io.steward.sessionlog.resource;

import org.jspecify.annotations.NullMarked;
