/// Which sandbox is asking, and how much of the proxy it may have.
@NullMarked
package io.steward.vaultproxy.admission;

import org.jspecify.annotations.NullMarked;
