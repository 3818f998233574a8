/// Kafka as this service uses it: appending records, tailing topics, and how far a reader has come.
@NullMarked
package io.steward.sessionlog.log;

import org.jspecify.annotations.NullMarked;
