/// Calls the model through the provider's official client, streaming. A call runs on the virtual
/// thread that makes it; interrupting the thread closes the connection at once.
@NullMarked
package io.steward.harness.model;

import org.jspecify.annotations.NullMarked;
