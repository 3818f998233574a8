/// The service's side of Kafka: what is done with commands, and the way out for results and events.
@NullMarked
package io.steward.sandbox.topic;

import org.jspecify.annotations.NullMarked;
