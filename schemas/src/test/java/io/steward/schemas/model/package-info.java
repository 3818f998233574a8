/// Tests of the model catalog: what may stand in the file, what is found in it, what it costs.
@NullMarked
package io.steward.schemas.model;

import org.jspecify.annotations.NullMarked;
