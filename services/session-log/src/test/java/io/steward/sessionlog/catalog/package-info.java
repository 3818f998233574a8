/// Tests.
@NullMarked
package io.steward.sessionlog.catalog;

import org.jspecify.annotations.NullMarked;
