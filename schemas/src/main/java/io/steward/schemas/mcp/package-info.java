/// What a session knows about the MCP servers of its agent.
@NullMarked
package io.steward.schemas.mcp;

import org.jspecify.annotations.NullMarked;
