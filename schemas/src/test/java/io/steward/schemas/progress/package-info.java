@NullMarked
package io.steward.schemas.progress;

import org.jspecify.annotations.NullMarked;
