/// What happens in a turn: events and their order, tools, queues, interrupts, failing models.
@NullMarked
package io.steward.e2e.turn;

import org.jspecify.annotations.NullMarked;
