/// Tests of `ca`.
@NullMarked
package io.steward.vaultproxy.ca;

import org.jspecify.annotations.NullMarked;
