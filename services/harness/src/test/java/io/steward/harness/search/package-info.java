@NullMarked
package io.steward.harness.search;

import org.jspecify.annotations.NullMarked;
