@NullMarked
package io.steward.harness.judge;

import org.jspecify.annotations.NullMarked;
