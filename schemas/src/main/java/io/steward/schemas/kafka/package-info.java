/// Topics, the CloudEvents envelope of a record, and the place that creates the topics.
@NullMarked
package io.steward.schemas.kafka;

import org.jspecify.annotations.NullMarked;
