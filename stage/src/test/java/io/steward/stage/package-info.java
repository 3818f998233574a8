/// What services and jobs do with a broker that is guarded.
@NullMarked
package io.steward.stage;

import org.jspecify.annotations.NullMarked;
