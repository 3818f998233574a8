@NullMarked
package io.steward.vaultproxy.search;

import org.jspecify.annotations.NullMarked;
