/// Vaults and credentials in the database. Each change of a vault or of its credentials is one
/// transaction that begins with the lock of the vault's row; secrets are rows of their own,
/// encrypted with the data key of their vault.
@NullMarked
package io.steward.vaultproxy.store;

import org.jspecify.annotations.NullMarked;
