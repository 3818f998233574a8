/// What the service counts for its operator.
@NullMarked
package io.steward.agentconfig.metric;

import org.jspecify.annotations.NullMarked;
