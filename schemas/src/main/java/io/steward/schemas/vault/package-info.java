/// What the other services know of vaults.
@NullMarked
package io.steward.schemas.vault;

import org.jspecify.annotations.NullMarked;
