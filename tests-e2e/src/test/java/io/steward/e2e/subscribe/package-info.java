/// Kafka as an interface: what is on the topics is what `asyncapi.yaml` says, and subscribers get
/// it.
@NullMarked
package io.steward.e2e.subscribe;

import org.jspecify.annotations.NullMarked;
