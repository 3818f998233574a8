/// Tests of fetching, against servers on this machine.
@NullMarked
package io.steward.vaultproxy.web;

import org.jspecify.annotations.NullMarked;
