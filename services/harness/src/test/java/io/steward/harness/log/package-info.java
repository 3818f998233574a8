/// Tests of the harness's side of the log.
@NullMarked
package io.steward.harness.log;

import org.jspecify.annotations.NullMarked;
