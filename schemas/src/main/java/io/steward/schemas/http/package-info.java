/// The closed list of errors a client can see, shared by every service with a REST edge.
@NullMarked
package io.steward.schemas.http;

import org.jspecify.annotations.NullMarked;
