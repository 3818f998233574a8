/// Which environment each session runs in, read from `session-events`. Rows and the positions they
/// were read at are stored together, and a record below the stored position changes nothing.
@NullMarked
package io.steward.agentconfig.sessions;

import org.jspecify.annotations.NullMarked;
