/// Identifiers: prefixes, random parts and the partition a session id carries.
@NullMarked
package io.steward.schemas.id;

import org.jspecify.annotations.NullMarked;
