/// Rules every class of this repository keeps.
@NullMarked
package io.steward.schemas;

import org.jspecify.annotations.NullMarked;
