/// Tests of MCP servers, against one on this machine.
@NullMarked
package io.steward.vaultproxy.mcp;

import org.jspecify.annotations.NullMarked;
