@NullMarked
package io.steward.sessionlog.stream;

import org.jspecify.annotations.NullMarked;
