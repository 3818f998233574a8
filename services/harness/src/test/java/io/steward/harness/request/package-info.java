/// Tests of `request`.
@NullMarked
package io.steward.harness.request;

import org.jspecify.annotations.NullMarked;
