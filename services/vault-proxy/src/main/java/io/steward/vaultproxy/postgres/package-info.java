/// What all tables of the service have in common.
@NullMarked
package io.steward.vaultproxy.postgres;

import org.jspecify.annotations.NullMarked;
