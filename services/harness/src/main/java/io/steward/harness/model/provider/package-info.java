/// Chooses who answers a request: the catalog names the provider of a model, the configuration its
/// address and key.
@NullMarked
package io.steward.harness.model.provider;

import org.jspecify.annotations.NullMarked;
