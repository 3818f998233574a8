/// The service's keys: the key-encryption key from outside and its exchange, the keysets it wraps,
/// and opening what others sealed for this service.
@NullMarked
package io.steward.vaultproxy.seal;

import org.jspecify.annotations.NullMarked;
