/// Tests of the packages of environments.
@NullMarked
package io.steward.sandbox.packages;

import org.jspecify.annotations.NullMarked;
