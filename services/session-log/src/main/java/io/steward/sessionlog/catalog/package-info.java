/// Agents, environments, keys of environments and vaults as their topics tell, in memory.
@NullMarked
package io.steward.sessionlog.catalog;

import org.jspecify.annotations.NullMarked;
