/// How far readers are behind.
@NullMarked
package io.steward.schemas.kafka.lag;

import org.jspecify.annotations.NullMarked;
