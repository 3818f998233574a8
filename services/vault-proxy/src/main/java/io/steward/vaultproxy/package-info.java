/// The wiring of the service.
@NullMarked
package io.steward.vaultproxy;

import org.jspecify.annotations.NullMarked;
