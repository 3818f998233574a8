/// Where a sandbox may connect to, by name: the policy of its environment, read as rules without
/// effects. What a name stands for is the business of `egress`, and checked after this.
@NullMarked
package io.steward.vaultproxy.policy;

import org.jspecify.annotations.NullMarked;
