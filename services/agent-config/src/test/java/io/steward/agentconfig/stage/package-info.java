/// The service as it is shipped, between a database and a broker that can be taken away.
@NullMarked
package io.steward.agentconfig.stage;

import org.jspecify.annotations.NullMarked;
