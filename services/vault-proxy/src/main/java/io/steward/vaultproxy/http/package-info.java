/// The HTTP edge: who may enter, the request id, and the answers to `/v1/vaults`.
@NullMarked
package io.steward.vaultproxy.http;

import org.jspecify.annotations.NullMarked;
