/// What is measured, and how.
@NullMarked
package io.steward.bench.scenario;

import org.jspecify.annotations.NullMarked;
