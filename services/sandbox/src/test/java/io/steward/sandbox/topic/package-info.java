/// Tests of the package of the same name.
@NullMarked
package io.steward.sandbox.topic;

import org.jspecify.annotations.NullMarked;
