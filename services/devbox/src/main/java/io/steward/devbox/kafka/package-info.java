/// The embedded Kafka broker: its settings, and the main class of its process.
@NullMarked
package io.steward.devbox.kafka;

import org.jspecify.annotations.NullMarked;
