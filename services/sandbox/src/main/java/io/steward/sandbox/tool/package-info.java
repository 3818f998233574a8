/// The six built-in tools: what the model may give them, what they do in a sandbox, and what the
/// model reads of it. Source of inputs and texts: contract/core.md §7.
@NullMarked
package io.steward.sandbox.tool;

import org.jspecify.annotations.NullMarked;
