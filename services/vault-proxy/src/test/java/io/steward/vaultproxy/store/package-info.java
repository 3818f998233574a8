/// Tests of vaults and credentials in a real PostgreSQL.
@NullMarked
package io.steward.vaultproxy.store;

import org.jspecify.annotations.NullMarked;
