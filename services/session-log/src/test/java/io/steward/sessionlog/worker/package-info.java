/// Tests of the work API.
@NullMarked
package io.steward.sessionlog.worker;

import org.jspecify.annotations.NullMarked;
