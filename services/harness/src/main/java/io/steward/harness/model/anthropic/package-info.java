/// Calls models behind the Messages API, wherever it is: at Anthropic, at an address that speaks
/// it, or at a cloud. What only a cloud needs is in a class of its own, so that nothing of it is
/// loaded by anybody who does not use it.
@NullMarked
package io.steward.harness.model.anthropic;

import org.jspecify.annotations.NullMarked;
