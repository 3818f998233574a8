/// Tests of `admission`.
@NullMarked
package io.steward.vaultproxy.admission;

import org.jspecify.annotations.NullMarked;
