/// Tests of targets and of what a report looks like.
@NullMarked
package io.steward.bench.report;

import org.jspecify.annotations.NullMarked;
