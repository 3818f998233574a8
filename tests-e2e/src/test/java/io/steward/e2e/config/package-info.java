/// Agents, environments and models as the official client sees them.
@NullMarked
package io.steward.e2e.config;

import org.jspecify.annotations.NullMarked;
