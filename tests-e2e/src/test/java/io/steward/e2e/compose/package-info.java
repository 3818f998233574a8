/// `docker-compose.yml` as data, and what must hold of it.
@NullMarked
package io.steward.e2e.compose;

import org.jspecify.annotations.NullMarked;
