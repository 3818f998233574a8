/// Tests of calls, with a real PostgreSQL.
@NullMarked
package io.steward.vaultproxy.call;

import org.jspecify.annotations.NullMarked;
