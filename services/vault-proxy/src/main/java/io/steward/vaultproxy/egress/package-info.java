/// Where something that acts for an agent may connect to: hosts as they are written in URLs, the
/// addresses they have, and which of these are refused. Names are resolved once, and a connection
/// goes to an address that was checked, never to a name.
@NullMarked
package io.steward.vaultproxy.egress;

import org.jspecify.annotations.NullMarked;
