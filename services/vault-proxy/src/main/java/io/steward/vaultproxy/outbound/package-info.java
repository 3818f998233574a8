/// One HTTP request to one host, over a connection to an address of it that was checked before.
/// What comes back is foreign: its size and its time have limits, and no redirect is followed here.
@NullMarked
package io.steward.vaultproxy.outbound;

import org.jspecify.annotations.NullMarked;
