@NullMarked
package io.steward.sessionlog.list;

import org.jspecify.annotations.NullMarked;
