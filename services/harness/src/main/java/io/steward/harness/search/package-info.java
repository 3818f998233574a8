/// The search of a model provider: for `web_search` where no instance of the operator searches (ADR
/// 26).
@NullMarked
package io.steward.harness.search;

import org.jspecify.annotations.NullMarked;
