/// Records on their way: envelopes, large bodies, topics and the document about them.
@NullMarked
package io.steward.schemas.kafka;

import org.jspecify.annotations.NullMarked;
