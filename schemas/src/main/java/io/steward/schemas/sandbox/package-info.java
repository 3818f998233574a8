/// What the harness asks of a sandbox and what comes back.
@NullMarked
package io.steward.schemas.sandbox;

import org.jspecify.annotations.NullMarked;
