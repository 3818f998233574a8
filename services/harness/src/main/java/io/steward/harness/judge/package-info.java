/// Judges calls of tools whose policy is `auto`, once the model's reply is there and before it is
/// written. What cannot be judged is asked about: no failure, silence or confusion of a judge lets
/// a call through. The previews of a reply do not wait for its verdicts.
@NullMarked
package io.steward.harness.judge;

import org.jspecify.annotations.NullMarked;
