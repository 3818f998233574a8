/// A model whose timing the message itself says, and which notes when it was asked and answered.
@NullMarked
package io.steward.bench.model;

import org.jspecify.annotations.NullMarked;
