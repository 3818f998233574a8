/// Vaults and credentials as the official client sees them.
@NullMarked
package io.steward.e2e.vault;

import org.jspecify.annotations.NullMarked;
