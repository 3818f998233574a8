@NullMarked
package io.steward.schemas.search;

import org.jspecify.annotations.NullMarked;
