/// Tests of what scenarios compute.
@NullMarked
package io.steward.bench.scenario;

import org.jspecify.annotations.NullMarked;
