/// Tests of the drivers, in pods of a cluster.
@NullMarked
package io.steward.sandbox.kubernetes;

import org.jspecify.annotations.NullMarked;
