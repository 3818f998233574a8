@NullMarked
package io.steward.harness.model.openai;

import org.jspecify.annotations.NullMarked;
