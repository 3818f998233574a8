/// The harness's side of the log: reading records, writing outcomes in transactions, asking for
/// folded sessions. Everything Kafka-specific that is not about membership is here.
@NullMarked
package io.steward.harness.log;

import org.jspecify.annotations.NullMarked;
