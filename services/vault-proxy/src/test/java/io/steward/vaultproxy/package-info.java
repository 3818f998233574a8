/// Tests of the whole service.
@NullMarked
package io.steward.vaultproxy;

import org.jspecify.annotations.NullMarked;
