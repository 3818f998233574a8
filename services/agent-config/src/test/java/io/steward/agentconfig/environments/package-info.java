/// Tests of keys of environments, as far as no database is needed.
@NullMarked
package io.steward.agentconfig.environments;

import org.jspecify.annotations.NullMarked;
