@NullMarked
package io.steward.schemas.mcp;

import org.jspecify.annotations.NullMarked;
