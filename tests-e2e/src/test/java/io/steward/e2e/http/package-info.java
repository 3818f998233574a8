/// The rules of HTTP that hold everywhere: credentials, errors, sizes, and refusing bad input.
@NullMarked
package io.steward.e2e.http;

import org.jspecify.annotations.NullMarked;
