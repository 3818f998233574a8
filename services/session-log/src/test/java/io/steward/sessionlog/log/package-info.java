@NullMarked
package io.steward.sessionlog.log;

import org.jspecify.annotations.NullMarked;
