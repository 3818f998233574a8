/// Tests of `message`.
@NullMarked
package io.steward.vaultproxy.message;

import org.jspecify.annotations.NullMarked;
