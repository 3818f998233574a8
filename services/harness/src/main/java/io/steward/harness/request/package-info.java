/// From a session to the body of a model request: pure, and stable, so that each request begins
/// with the bytes of the one before it and the provider's cache can be used.
@NullMarked
package io.steward.harness.request;

import org.jspecify.annotations.NullMarked;
