/// The service's side of Kafka: one loop that reads commands and acknowledges them, and the way out
/// for results and events.
@NullMarked
package io.steward.sandbox.topic;

import org.jspecify.annotations.NullMarked;
