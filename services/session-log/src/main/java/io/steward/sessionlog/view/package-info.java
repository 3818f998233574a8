/// What the API shows of a session and of its threads. Pure.
@NullMarked
package io.steward.sessionlog.view;

import org.jspecify.annotations.NullMarked;
