/// Real parts for tests of the services: a broker in the test's own process, and connections that
/// can be held up or cut.
@NullMarked
package io.steward.stage;

import org.jspecify.annotations.NullMarked;
