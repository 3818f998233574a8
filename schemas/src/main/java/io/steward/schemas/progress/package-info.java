/// How far slow work is that the log says nothing about until it is done: records of
/// `session-progress`. For whoever asks why a session waits; nothing is ever decided from them.
@NullMarked
package io.steward.schemas.progress;

import org.jspecify.annotations.NullMarked;
