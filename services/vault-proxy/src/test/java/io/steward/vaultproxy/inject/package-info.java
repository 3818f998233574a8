/// Tests of `inject`.
@NullMarked
package io.steward.vaultproxy.inject;

import org.jspecify.annotations.NullMarked;
