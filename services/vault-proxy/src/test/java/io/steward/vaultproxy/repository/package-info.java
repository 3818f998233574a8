/// Tests of cloning.
@NullMarked
package io.steward.vaultproxy.repository;

import org.jspecify.annotations.NullMarked;
