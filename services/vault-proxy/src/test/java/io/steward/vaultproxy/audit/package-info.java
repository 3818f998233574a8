/// Tests of the audit.
@NullMarked
package io.steward.vaultproxy.audit;

import org.jspecify.annotations.NullMarked;
