@NullMarked
package io.steward.harness.model.content;

import org.jspecify.annotations.NullMarked;
