/// Tests of the service as a whole.
@NullMarked
package io.steward.sandbox;

import org.jspecify.annotations.NullMarked;
