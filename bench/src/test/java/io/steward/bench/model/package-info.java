/// Tests of what a message tells the model.
@NullMarked
package io.steward.bench.model;

import org.jspecify.annotations.NullMarked;
