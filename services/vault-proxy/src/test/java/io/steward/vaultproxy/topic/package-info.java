/// Tests of the service's side of Kafka.
@NullMarked
package io.steward.vaultproxy.topic;

import org.jspecify.annotations.NullMarked;
