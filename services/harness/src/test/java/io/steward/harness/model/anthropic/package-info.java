@NullMarked
package io.steward.harness.model.anthropic;

import org.jspecify.annotations.NullMarked;
