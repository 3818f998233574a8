/// Tests of the rules of vaults and credentials.
@NullMarked
package io.steward.vaultproxy.vault;

import org.jspecify.annotations.NullMarked;
