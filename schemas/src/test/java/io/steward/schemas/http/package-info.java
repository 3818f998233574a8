@NullMarked
package io.steward.schemas.http;

import org.jspecify.annotations.NullMarked;
