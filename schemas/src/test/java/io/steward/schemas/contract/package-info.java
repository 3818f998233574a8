/// The contract as files: every schema, example and channel agrees with the Java types.
@NullMarked
package io.steward.schemas.contract;

import org.jspecify.annotations.NullMarked;
