/// Tests of work items without a database.
@NullMarked
package io.steward.sessionlog.work;

import org.jspecify.annotations.NullMarked;
