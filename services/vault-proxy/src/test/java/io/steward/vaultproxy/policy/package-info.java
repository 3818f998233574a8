/// Tests of `policy`.
@NullMarked
package io.steward.vaultproxy.policy;

import org.jspecify.annotations.NullMarked;
