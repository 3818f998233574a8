/// Tests of io.steward.sandbox.journal.
@NullMarked
package io.steward.sandbox.journal;

import org.jspecify.annotations.NullMarked;
