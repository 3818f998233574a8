/// Tests of what records say about the use of environments.
@NullMarked
package io.steward.agentconfig.sessions;

import org.jspecify.annotations.NullMarked;
