/// Tests of keys and sealing.
@NullMarked
package io.steward.vaultproxy.seal;

import org.jspecify.annotations.NullMarked;
