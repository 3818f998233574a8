/// What all services agree on about their logs.
@NullMarked
package io.steward.schemas.log;

import org.jspecify.annotations.NullMarked;
