@NullMarked
package io.steward.sessionlog;

import org.jspecify.annotations.NullMarked;
