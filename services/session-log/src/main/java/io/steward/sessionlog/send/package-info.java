/// Sending events to a session: strict parsing, admission, one record for each request.
@NullMarked
package io.steward.sessionlog.send;

import org.jspecify.annotations.NullMarked;
