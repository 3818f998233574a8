/// The projection of `session-events` into PostgreSQL and the folds of recent sessions. One thread
/// reads the topic; rows and positions are written in one database transaction.
@NullMarked
package io.steward.sessionlog.project;

import org.jspecify.annotations.NullMarked;
