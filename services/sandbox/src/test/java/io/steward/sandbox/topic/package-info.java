/// Tests of io.steward.sandbox.topic.
@NullMarked
package io.steward.sandbox.topic;

import org.jspecify.annotations.NullMarked;
