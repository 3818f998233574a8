@NullMarked
package io.steward.schemas.trace;

import org.jspecify.annotations.NullMarked;
