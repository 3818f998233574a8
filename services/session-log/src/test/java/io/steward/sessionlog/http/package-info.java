@NullMarked
package io.steward.sessionlog.http;

import org.jspecify.annotations.NullMarked;
