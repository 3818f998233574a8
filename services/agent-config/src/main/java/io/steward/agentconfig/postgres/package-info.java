/// How the service talks to PostgreSQL: one transaction at a time, bounded, from a thread that may
/// wait.
@NullMarked
package io.steward.agentconfig.postgres;

import org.jspecify.annotations.NullMarked;
