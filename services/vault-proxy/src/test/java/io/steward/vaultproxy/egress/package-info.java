/// Tests of what may be connected to: tables of hosts, URLs and addresses as attackers write them.
@NullMarked
package io.steward.vaultproxy.egress;

import org.jspecify.annotations.NullMarked;
