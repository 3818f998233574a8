/// The HTTP edge: who may enter, the request id, the limits of bodies, and the routes below
/// `/v1/vaults`. Rules and stores are elsewhere.
@NullMarked
package io.steward.vaultproxy.http;

import org.jspecify.annotations.NullMarked;
