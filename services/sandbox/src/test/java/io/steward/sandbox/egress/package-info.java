/// Tests of the package of the same name.
@NullMarked
package io.steward.sandbox.egress;

import org.jspecify.annotations.NullMarked;
