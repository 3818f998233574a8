@NullMarked
package io.steward.sessionlog.project;

import org.jspecify.annotations.NullMarked;
