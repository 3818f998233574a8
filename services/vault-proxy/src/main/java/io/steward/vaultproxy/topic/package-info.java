/// The service's side of Kafka: a loop per topic that hands records over and acknowledges them, and
/// the way out for results, the public key, and what nobody can read.
@NullMarked
package io.steward.vaultproxy.topic;

import org.jspecify.annotations.NullMarked;
