/// Sessions that check themselves: their models' parts, their clients, and where they wait for a
/// fault.
@NullMarked
package io.steward.e2e.fault.crowd;

import org.jspecify.annotations.NullMarked;
