@NullMarked
package io.steward.schemas.log;

import org.jspecify.annotations.NullMarked;
