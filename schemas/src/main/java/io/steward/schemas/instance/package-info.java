/// What makes an instance of a service the same one after it starts again.
@NullMarked
package io.steward.schemas.instance;

import org.jspecify.annotations.NullMarked;
