/// The HTTP edge: who may enter, how large a body may be, which route answers, and the error
/// envelope. Routes run on virtual threads and may wait.
@NullMarked
package io.steward.sessionlog.http;

import org.jspecify.annotations.NullMarked;
