/// What a sandbox may and may not see.
@NullMarked
package io.steward.e2e.sandbox;

import org.jspecify.annotations.NullMarked;
