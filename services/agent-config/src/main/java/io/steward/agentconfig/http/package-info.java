/// What every request meets: the gate in front of all routes, strict reading of queries and bodies,
/// and the one place where refusals become error envelopes.
@NullMarked
package io.steward.agentconfig.http;

import org.jspecify.annotations.NullMarked;
