/// What the harness asks of vault-proxy, which alone holds credentials, and what comes back.
@NullMarked
package io.steward.schemas.egress;

import org.jspecify.annotations.NullMarked;
