/// The secrets of a session, as the egress proxy puts them into requests.
@NullMarked
package io.steward.vaultproxy.session;

import org.jspecify.annotations.NullMarked;
