/// Tests of lists of agents.
@NullMarked
package io.steward.agentconfig.agents;

import org.jspecify.annotations.NullMarked;
