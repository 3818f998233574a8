/// Knows every use of a credential: a row of `credential_use` and a record of `vault-audit`.
/// Whoever is about to use one asks [io.steward.vaultproxy.audit.CredentialUses#hasRoom] first, and
/// notes the use when it is known how it went. No secret comes here.
@NullMarked
package io.steward.vaultproxy.audit;

import org.jspecify.annotations.NullMarked;
