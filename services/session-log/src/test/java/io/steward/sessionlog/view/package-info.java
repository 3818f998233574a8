@NullMarked
package io.steward.sessionlog.view;

import org.jspecify.annotations.NullMarked;
