/// Tests of what comes from sandboxes elsewhere.
@NullMarked
package io.steward.sandbox.driver.remote;

import org.jspecify.annotations.NullMarked;
