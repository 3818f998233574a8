/// The contract between Steward's services: events, records, commands and the one fold of a
/// session.
@NullMarked
package io.steward.schemas;

import org.jspecify.annotations.NullMarked;
