/// Makes vaults known to the other services: what a transaction did to a vault is published after
/// it, at least once, also when the process is killed in between.
@NullMarked
package io.steward.vaultproxy.outbox;

import org.jspecify.annotations.NullMarked;
