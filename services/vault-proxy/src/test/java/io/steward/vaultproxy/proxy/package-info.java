/// Tests of `proxy`.
@NullMarked
package io.steward.vaultproxy.proxy;

import org.jspecify.annotations.NullMarked;
