/// Runs calls at most once: in the order of their session where the shell is concerned, beside each
/// other everywhere else, under limits. Knows the journal, the tools and the drivers, not Kafka.
@NullMarked
package io.steward.sandbox.call;

import org.jspecify.annotations.NullMarked;
