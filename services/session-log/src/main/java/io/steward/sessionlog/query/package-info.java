/// Answers the harness's questions for folded sessions.
@NullMarked
package io.steward.sessionlog.query;

import org.jspecify.annotations.NullMarked;
