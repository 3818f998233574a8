@NullMarked
package io.steward.sessionlog.change;

import org.jspecify.annotations.NullMarked;
