/// How a secret that arrives at an edge reaches vault-proxy: as ciphertext that it alone can open.
@NullMarked
package io.steward.schemas.secret;

import org.jspecify.annotations.NullMarked;
