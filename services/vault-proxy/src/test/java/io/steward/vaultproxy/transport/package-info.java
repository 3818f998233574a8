/// Tests of what reads the answers of servers.
@NullMarked
package io.steward.vaultproxy.transport;

import org.jspecify.annotations.NullMarked;
