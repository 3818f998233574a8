/// Tests of the answers to why a session waits.
@NullMarked
package io.steward.sessionlog.diagnose;

import org.jspecify.annotations.NullMarked;
