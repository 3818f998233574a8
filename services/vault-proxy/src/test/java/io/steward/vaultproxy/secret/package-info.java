/// Tests of secrets at rest.
@NullMarked
package io.steward.vaultproxy.secret;

import org.jspecify.annotations.NullMarked;
