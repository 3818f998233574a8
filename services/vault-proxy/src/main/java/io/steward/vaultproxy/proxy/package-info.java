/// The proxy through which sandboxes reach the outside, and nothing else of them does: who asks,
/// where to, what is replaced on the way, and the limits of all of it. HTTP is read strictly and
/// written anew, so that nobody behind the proxy can read a request in another way.
@NullMarked
package io.steward.vaultproxy.proxy;

import org.jspecify.annotations.NullMarked;
