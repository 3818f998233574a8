/// Tests of the outbox.
@NullMarked
package io.steward.vaultproxy.outbox;

import org.jspecify.annotations.NullMarked;
