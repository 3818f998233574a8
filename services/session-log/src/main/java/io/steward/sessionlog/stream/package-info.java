/// Server-sent events straight from the log, without PostgreSQL in between.
@NullMarked
package io.steward.sessionlog.stream;

import org.jspecify.annotations.NullMarked;
