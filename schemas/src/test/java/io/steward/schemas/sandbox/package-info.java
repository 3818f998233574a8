@NullMarked
package io.steward.schemas.sandbox;

import org.jspecify.annotations.NullMarked;
