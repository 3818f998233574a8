/// Why a session waits: what its log says, what is told of slow work, who reads what. The answer is
/// a pure function of these.
@NullMarked
package io.steward.sessionlog.diagnose;

import org.jspecify.annotations.NullMarked;
