/// Calls models behind any endpoint that is compatible with OpenAI's chat completions. Requests and
/// replies are translated from and to content blocks of the Messages API; endpoints differ in what
/// they leave out, so replies are read forgivingly.
@NullMarked
package io.steward.harness.model.openai;

import org.jspecify.annotations.NullMarked;
