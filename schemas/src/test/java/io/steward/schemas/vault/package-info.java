@NullMarked
package io.steward.schemas.vault;

import org.jspecify.annotations.NullMarked;
