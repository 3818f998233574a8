/// Tests of the drivers, with real processes.
@NullMarked
package io.steward.sandbox.driver;

import org.jspecify.annotations.NullMarked;
