/// Which models there are, who serves them, what they can do and what they cost.
@NullMarked
package io.steward.schemas.model;

import org.jspecify.annotations.NullMarked;
