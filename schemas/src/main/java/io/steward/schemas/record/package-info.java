/// What one Kafka record of `session-events` holds: public events and internal facts.
@NullMarked
package io.steward.schemas.record;

import org.jspecify.annotations.NullMarked;
