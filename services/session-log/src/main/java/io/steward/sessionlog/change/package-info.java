/// Update, archive and delete: asked on the log, answered from the record read back.
@NullMarked
package io.steward.sessionlog.change;

import org.jspecify.annotations.NullMarked;
