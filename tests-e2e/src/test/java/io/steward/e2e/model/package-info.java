/// A model for tests: it speaks the Messages API with streaming, answers from scripts, and refuses
/// what the real API refuses. What it refused is a fault of the caller and fails the test.
@NullMarked
package io.steward.e2e.model;

import org.jspecify.annotations.NullMarked;
