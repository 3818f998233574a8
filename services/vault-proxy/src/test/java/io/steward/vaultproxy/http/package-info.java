/// Tests of the HTTP edge.
@NullMarked
package io.steward.vaultproxy.http;

import org.jspecify.annotations.NullMarked;
