/// Starting, stopping, and being killed: what must survive and what must not be left behind.
@NullMarked
package io.steward.e2e.fault;

import org.jspecify.annotations.NullMarked;
