/// Tests of `session`.
@NullMarked
package io.steward.vaultproxy.session;

import org.jspecify.annotations.NullMarked;
