/// Tests of `model`.
@NullMarked
package io.steward.harness.model;

import org.jspecify.annotations.NullMarked;
