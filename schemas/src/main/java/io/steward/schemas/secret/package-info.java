/// How a secret that arrives at an edge reaches vault-proxy: as ciphertext that it alone can open.
/// And how secrets of our own are made and known.
@NullMarked
package io.steward.schemas.secret;

import org.jspecify.annotations.NullMarked;
