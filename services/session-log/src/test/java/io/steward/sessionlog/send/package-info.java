@NullMarked
package io.steward.sessionlog.send;

import org.jspecify.annotations.NullMarked;
