/// A broker, a git server, and what else tests need around them.
@NullMarked
package io.steward.vaultproxy.stage;

import org.jspecify.annotations.NullMarked;
