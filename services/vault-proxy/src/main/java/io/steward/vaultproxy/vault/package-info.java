/// Vaults and credentials: what they are, and what makes a request for one a valid one. Pure: no
/// clock, no I/O; moments and ids are parameters. A refusal is an `ApiException` whose sentence
/// names field, value and rule, and never the value of a secret. Source: contract/platform.md §2,
/// §3.
@NullMarked
package io.steward.vaultproxy.vault;

import org.jspecify.annotations.NullMarked;
