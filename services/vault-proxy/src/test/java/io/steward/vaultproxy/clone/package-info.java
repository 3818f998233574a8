/// Tests of the program that clones, without its process.
@NullMarked
package io.steward.vaultproxy.clone;

import org.jspecify.annotations.NullMarked;
