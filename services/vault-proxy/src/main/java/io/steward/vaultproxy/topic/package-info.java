/// The service's side of Kafka: what is done with the records of each topic, and the way out for
/// results and the public key.
@NullMarked
package io.steward.vaultproxy.topic;

import org.jspecify.annotations.NullMarked;
