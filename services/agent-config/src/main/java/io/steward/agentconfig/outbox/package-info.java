/// Records that must be on Kafka if and only if a row is in the database. They are written in the
/// row's transaction; a relay publishes them in order and removes them. A record may be published
/// twice after a crash, never out of order for one key, and never not at all.
@NullMarked
package io.steward.agentconfig.outbox;

import org.jspecify.annotations.NullMarked;
