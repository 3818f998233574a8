@NullMarked
package io.steward.harness.model.provider;

import org.jspecify.annotations.NullMarked;
