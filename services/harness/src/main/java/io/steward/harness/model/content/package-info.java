/// Makes the content of a request what its model can read: files become their bytes, and what it
/// cannot read becomes a sentence that says so.
@NullMarked
package io.steward.harness.model.content;

import org.jspecify.annotations.NullMarked;
